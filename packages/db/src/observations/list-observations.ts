import { and, desc, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { skipHours } from "../counts/hourly-counts.ts";
import { observations } from "../schema/observations.ts";
import { isOnlyTime } from "../traces/trace-filter.ts";
import { unindexed } from "../unindexed.ts";
import { observationColumns, type ObservationRow } from "./observation-columns.ts";
import { observationConditions, type AskTraces, type ObservationFilter } from "./observation-filter.ts";
import { withinBound } from "./bound-of-page.ts";
import { nearestFirst } from "./nearest-first.ts";

export type ObservationListQuery = {
  readonly projectId: string;
  readonly filter: ObservationFilter;
  readonly limit: number;
  readonly offset: number;
  readonly selective?: boolean | undefined;
};

/**
 * One page of a project's observations, newest start first, then id and trace id, descending.
 *
 * As in `listTraces`, the page's keys are found first, through `observations_project_start_idx` when
 * nothing narrows the list further, and the rows are then fetched by key. `selective` and skipped hours as there.
 */
export async function listObservations(db: Database, query: ObservationListQuery): Promise<ObservationRow[]> {
  const { projectId, filter, limit, offset, selective = false } = query;
  if (!isOnlyTime(filter)) {
    const bounded = await withinBound(db, { projectId, filter, rows: offset + limit });
    const isSorted = selective || filter.inTraces !== undefined || bounded !== filter;
    const list = async (part: ObservationFilter, ask: AskTraces) =>
      await pageStatement(db, { projectId, filter: part, limit, offset, isSorted, ask });
    if (isSorted) return await list(bounded, "join");
    return await nearestFirst(db, { projectId, filter, limit, list });
  }
  const range = { fromUs: filter.fromUs, toUs: filter.toUs };
  const start = await skipHours(db, { projectId, of: "observations", range, direction: "desc", offset });
  if (!start) return [];
  return await pageStatement(db, { projectId, filter: start.range, limit, offset: start.offset, isSorted: false });
}

function pageStatement(
  db: Database,
  query: Omit<ObservationListQuery, "selective"> & {
    /** Whether all matches are fetched and sorted, instead of met in order. */
    readonly isSorted: boolean;
    readonly ask?: AskTraces;
  },
) {
  const { projectId, filter, limit, offset, isSorted, ask } = query;
  const { id, traceId, startTime } = observations;
  const page = db
    .select({ id, traceId, startTime })
    .from(observations)
    .where(observationConditions(db, projectId, filter, ask))
    .orderBy(desc(isSorted ? unindexed(startTime) : startTime), desc(id), desc(traceId))
    .limit(limit)
    .offset(offset)
    .as("page");
  return db
    .select(observationColumns)
    .from(page)
    .innerJoin(observations, and(eq(observations.projectId, projectId), eq(id, page.id), eq(traceId, page.traceId)))
    .orderBy(desc(page.startTime), desc(page.id), desc(page.traceId));
}
