import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { recordset, type Row } from "./recordset.ts";
import { facetCounts, facetMoves } from "./trace-facets.ts";
import { addToTotals } from "./trace-totals.ts";
import { addTraceUsage, firstUsage, readTraceUsage } from "./trace-usage.ts";
import { traceKey } from "./trace-key.ts";
import type { Upserted } from "./upsert-merged.ts";
import { shrunkTraces, type UsageDelta } from "./usage-deltas.ts";
import { rollupDeltas, type DailyDelta, type FacetDelta } from "./usage-rollups.ts";

/**
 * Applies what a batch changed to the totals of its traces, and returns what that means for the rollups. Traces that
 * are new have their totals already. `deltas` are those of the observations' changes.
 *
 * The caller's transaction holds the lock of every trace concerned, so what it read as `before` is what the totals contain.
 */
export async function applyUsage(
  tx: Database,
  written: { readonly traces: Upserted; readonly observations: Upserted; readonly deltas: readonly UsageDelta[] },
): Promise<{ readonly daily: DailyDelta[]; readonly facets: FacetDelta[] }> {
  const rows = new Map<string, Row>();
  const newTraces = new Set<string>();
  for (const row of written.traces.unchanged) rows.set(keyOfTrace(row), row);
  for (const { before, after } of written.traces.changes) {
    const key = keyOfTrace(after);
    rows.set(key, after);
    if (before === null) newTraces.add(key);
  }
  const ofNew: UsageDelta[] = [];
  const ofStored: UsageDelta[] = [];
  for (const delta of written.deltas) {
    const isOfNew = newTraces.has(traceKey(delta.projectId, delta.traceId));
    (isOfNew ? ofNew : ofStored).push(delta);
  }

  const moves = facetMoves(written.traces.changes);
  const usedBefore = await readTraceUsage(tx, [...moves, ...ofStored]);
  const { used, changes } = addTraceUsage(usedBefore, ofStored);
  await addToTotals(tx, ofStored, used);
  await recomputeBounds(tx, shrunkTraces(written.observations.changes));
  return rollupDeltas({
    changes: [...ofNew.map(firstUsage), ...changes],
    traces: rows,
    moves,
    usedBefore,
    counts: facetCounts(written.traces.changes),
  });
}

function keyOfTrace(trace: Row): string {
  return traceKey(trace["projectId"] as string, trace["id"] as string);
}

/** Looks the first start and last end up again. Reads `observations_project_trace_idx`. */
async function recomputeBounds(
  tx: Database,
  changed: ReadonlyArray<{ projectId: string; traceId: string }>,
): Promise<void> {
  if (changed.length === 0) return;
  const keys = recordset(observations, ["projectId", "traceId"], changed);
  await tx.execute(sql`
    update ${traces} t set first_start_time = b.first_start_time, last_end_time = b.last_end_time
    from (
      select o.project_id, o.trace_id, min(o.start_time) as first_start_time,
        max(greatest(o.start_time, o.end_time)) as last_end_time
      from ${observations} o
      where (o.project_id, o.trace_id) in (select ${keys.values} from ${keys.from})
      group by o.project_id, o.trace_id
    ) b
    where t.project_id = b.project_id and t.id = b.trace_id`);
}
