import { and, desc, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { skipHours } from "../counts/hourly-counts.ts";
import { observations } from "../schema/observations.ts";
import { isOnlyTime } from "../traces/trace-filter.ts";
import { unindexed } from "../unindexed.ts";
import { observationColumns, type ObservationRow } from "./observation-columns.ts";
import { observationConditions, type ObservationFilter } from "./observation-filter.ts";

/**
 * One page of a project's observations, newest start first, then id and trace id, descending.
 *
 * As in `listTraces`, the page's keys are found first, through `observations_project_start_idx` when
 * nothing narrows the list further, and the rows are then fetched by key. `selective` and skipped hours as there.
 */
export async function listObservations(
  db: Database,
  query: {
    readonly projectId: string;
    readonly filter: ObservationFilter;
    readonly limit: number;
    readonly offset: number;
    readonly selective?: boolean | undefined;
  },
): Promise<ObservationRow[]> {
  const { projectId, filter, limit, selective = false } = query;
  const { startTime } = observations;
  const range = { fromUs: filter.fromUs, toUs: filter.toUs };
  const start = isOnlyTime(filter)
    ? await skipHours(db, { projectId, of: "observations", range, direction: "desc", offset: query.offset })
    : { range, offset: query.offset };
  if (!start) return [];
  const page = db
    .select({ id: observations.id, traceId: observations.traceId, startTime: observations.startTime })
    .from(observations)
    .where(observationConditions(db, projectId, { ...filter, ...start.range }))
    .orderBy(desc(selective ? unindexed(startTime) : startTime), desc(observations.id), desc(observations.traceId))
    .limit(limit)
    .offset(start.offset)
    .as("page");
  return await db
    .select(observationColumns)
    .from(page)
    .innerJoin(
      observations,
      and(eq(observations.projectId, projectId), eq(observations.id, page.id), eq(observations.traceId, page.traceId)),
    )
    .orderBy(desc(page.startTime), desc(page.id), desc(page.traceId));
}
