import type { Database } from "../client.ts";
import { fewTraceIds } from "../traces/few-trace-ids.ts";
import { traceConditionOf, withoutTraces, type ObservationFilter } from "./observation-filter.ts";

/**
 * The same filter, with the ids of the traces in place of what it asks of them, if they are few.
 *
 * PostgreSQL cannot know how rare the observations of certain traces are. Where it is told which traces,
 * it reads theirs and no others.
 */
export async function withFewTraces(
  db: Database,
  projectId: string,
  filter: ObservationFilter,
): Promise<ObservationFilter> {
  const condition = traceConditionOf(projectId, filter);
  // One trace is few enough.
  if (!condition || filter.traceId !== undefined) return filter;
  const inTraces = await fewTraceIds(db, condition);
  return inTraces ? { ...withoutTraces(filter), inTraces } : filter;
}
