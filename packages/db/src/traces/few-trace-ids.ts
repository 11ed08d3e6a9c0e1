import type { SQL } from "drizzle-orm";
import type { Database } from "../client.ts";
import { traces } from "../schema/traces.ts";

/** So many traces are looked up one by one in a few milliseconds. Of more, a walk in the order of time meets one soon enough. */
const FEW_TRACES = 3_000;

/** An object and not a list, since an empty list in a filter asks for nothing. */
export type TraceIds = {
  readonly ids: readonly string[];
  /** Of all of them together. */
  readonly observationCount: number;
};

/** The traces that `condition` holds for; `undefined` when they are not few. */
export async function fewTraceIds(db: Database, condition: SQL | undefined): Promise<TraceIds | undefined> {
  const rows = await db
    .select({ id: traces.id, observationCount: traces.observationCount })
    .from(traces)
    .where(condition)
    .limit(FEW_TRACES + 1);
  if (rows.length > FEW_TRACES) return undefined;
  return {
    ids: rows.map(({ id }) => id),
    observationCount: rows.reduce((sum, row) => sum + row.observationCount, 0),
  };
}
