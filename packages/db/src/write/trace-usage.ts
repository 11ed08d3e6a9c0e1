import Big from "big.js";
import { sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../client.ts";
import { traceUsage } from "../schema/usage.ts";
import { columnList, recordset, type Row } from "./recordset.ts";
import { keyTextOf } from "./upsert-merged.ts";
import type { UsageDelta, UsageKey } from "./usage-deltas.ts";
import { isNothing, type UsageSums } from "./usage-sums.ts";

/**
 * A change of one row of `trace_usage`. `traceCount` is 1 where the trace joins the day's rollups with it, since its
 * count there leaves zero, and -1 where it leaves them.
 */
export type TraceUsageChange = UsageKey & { readonly sums: UsageSums; readonly traceCount: -1 | 0 | 1 };

const KEY = ["projectId", "traceId", "day", "type", "model"] as const;
const SUMS = ["observationCount", "promptTokens", "completionTokens", "totalTokens", "totalCost"] as const;
const COLUMNS = [...KEY, ...SUMS];

/** Adds to `trace_usage` of traces that the same transaction inserted. */
export async function insertTraceUsage(tx: Database, deltas: readonly UsageDelta[]): Promise<TraceUsageChange[]> {
  const changed = deltas.filter(({ sums }) => !isNothing(sums));
  if (changed.length === 0) return [];
  const added = recordset(traceUsage, COLUMNS, changed.map(toRow));
  await tx.execute(sql`
    insert into ${traceUsage} (${columnList(traceUsage, COLUMNS)}) select ${added.values} from ${added.from}`);
  return changed.map((delta) => ({ ...delta, traceCount: delta.sums.observationCount > 0 ? 1 : 0 }));
}

/** Adds to `trace_usage` of traces that were stored before. The caller's transaction holds their locks. */
export async function addTraceUsage(tx: Database, deltas: readonly UsageDelta[]): Promise<TraceUsageChange[]> {
  const changed = deltas.filter(({ sums }) => !isNothing(sums));
  if (changed.length === 0) return [];
  const added = recordset(traceUsage, COLUMNS, changed.map(toRow));
  const rows = await tx.execute(sql`
    insert into ${traceUsage} (${columnList(traceUsage, COLUMNS)}) select ${added.values} from ${added.from}
    on conflict (project_id, trace_id, day, type, model) do update set
      observation_count = trace_usage.observation_count + excluded.observation_count,
      prompt_tokens = trace_usage.prompt_tokens + excluded.prompt_tokens,
      completion_tokens = trace_usage.completion_tokens + excluded.completion_tokens,
      total_tokens = trace_usage.total_tokens + excluded.total_tokens,
      total_cost = trim_scale(trace_usage.total_cost + excluded.total_cost)
    returning project_id, trace_id, day::text as day, type, model, observation_count`);
  const counts = new Map(
    rows.map((row) => [
      keyTextOf([row["project_id"], row["trace_id"], row["day"], row["type"], row["model"]]),
      row["observation_count"] as number,
    ]),
  );
  return changed.map((delta) => {
    const now = counts.get(keyTextOf(KEY.map((property) => delta[property]))) ?? 0;
    const before = now - delta.sums.observationCount;
    return { ...delta, traceCount: (Number(now > 0) - Number(before > 0)) as -1 | 0 | 1 };
  });
}

/** What the traces used, before the batch touches it. */
export async function readTraceUsage(
  tx: Database,
  keys: ReadonlyArray<{ readonly projectId: string; readonly traceId: string }>,
): Promise<Array<UsageKey & { readonly sums: UsageSums }>> {
  if (keys.length === 0) return [];
  const wanted = recordset(traceUsage, ["projectId", "traceId"], keys);
  const { projectId, traceId, day, type, model, observationCount, totalCost } = traceUsage;
  const rows = await tx
    .select({
      key: { projectId, traceId, day, type, model },
      observationCount,
      promptTokens: exact(traceUsage.promptTokens),
      completionTokens: exact(traceUsage.completionTokens),
      totalTokens: exact(traceUsage.totalTokens),
      totalCost,
    })
    .from(traceUsage)
    .where(sql`(${projectId}, ${traceId}) in (select ${wanted.values} from ${wanted.from})`);
  return rows.map(({ key, ...sums }) => ({
    ...key,
    sums: {
      observationCount: sums.observationCount,
      promptTokens: BigInt(sums.promptTokens),
      completionTokens: BigInt(sums.completionTokens),
      totalTokens: BigInt(sums.totalTokens),
      totalCost: new Big(sums.totalCost),
    },
  }));
}

/** A sum may be larger than a number is exact. */
function exact(column: PgColumn) {
  return sql<string>`${column}::text`;
}

function toRow({ projectId, traceId, day, type, model, sums }: UsageDelta): Row {
  return { projectId, traceId, day, type, model, ...sums, totalCost: sums.totalCost?.toFixed() ?? "0" };
}
