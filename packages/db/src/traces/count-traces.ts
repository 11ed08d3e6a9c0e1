import type { RowCount } from "@xtrace/contract";
import { eq, sum } from "drizzle-orm";
import type { Database } from "../client.ts";
import { countUpTo, ONE } from "../count-up-to.ts";
import { traces } from "../schema/traces.ts";
import { dailyTraces } from "../schema/usage.ts";
import { isUnfiltered, traceConditions, type TraceFilter } from "./trace-filter.ts";

/**
 * How many traces of a project match.
 *
 * Without a filter the exact number, from the daily counts that the writer keeps. With one, counted
 * up to `bound`: counting 800,000 rows takes 44 ms and more, and nobody reads that number to the last digit.
 */
export async function countTraces(
  db: Database,
  query: { readonly projectId: string; readonly filter: TraceFilter; readonly bound: number },
): Promise<RowCount> {
  const { projectId, filter, bound } = query;
  if (isUnfiltered(filter)) return { count: await countAll(db, projectId), exact: true };
  const matches = db.select(ONE).from(traces).where(traceConditions(projectId, filter)).$dynamic();
  return await countUpTo(db, matches, bound);
}

async function countAll(db: Database, projectId: string): Promise<number> {
  const [row] = await db
    .select({ count: sum(dailyTraces.traceCount).mapWith(Number) })
    .from(dailyTraces)
    .where(eq(dailyTraces.projectId, projectId));
  return row?.count ?? 0;
}
