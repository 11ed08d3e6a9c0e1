import { and, desc, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { unindexed } from "../unindexed.ts";
import {
  observationColumns,
  observationHeadColumns,
  type ObservationHead,
  type ObservationRow,
} from "./observation-columns.ts";
import { withinBound } from "./bound-of-page.ts";
import { IS_ROOT_OBSERVATION } from "./is-root-observation.ts";
import { nearestFirst } from "./nearest-first.ts";
import { observationConditions, type AskTraces, type ObservationFilter } from "./observation-filter.ts";
import { withFewTraces } from "./with-few-traces.ts";

/** The last row that was read. */
export type ObservationCursor = { readonly startTimeUs: number; readonly id: string; readonly traceId: string };

/** What an observation has from its trace. */
const traceContext = {
  userId: traces.userId,
  sessionId: traces.sessionId,
  name: traces.name,
  tags: traces.tags,
  release: traces.release,
  public: traces.public,
  bookmarked: traces.bookmarked,
};

type Trace = typeof traces.$inferSelect;

/** `input`, `output` and `metadata` are there when they were asked for. */
export type ObservationWithTrace = {
  readonly observation: ObservationHead & Partial<Pick<ObservationRow, "input" | "output" | "metadata">>;
  readonly isRoot: boolean;
  readonly trace: Pick<Trace, keyof typeof traceContext>;
};

export type ObservationsAfterQuery = {
  readonly projectId: string;
  readonly filter: ObservationFilter;
  readonly after?: ObservationCursor | undefined;
  readonly limit: number;
  /** Whether to read input and output. */
  readonly withIo: boolean;
  readonly withMetadata: boolean;
};

/**
 * The next observations of a project behind `after`: newest start first, then id and trace id, descending.
 *
 * A backward scan of `observations_project_start_idx` from the cursor on, as fast at any depth. Those of few
 * traces are all fetched and sorted.
 */
export async function listObservationsAfter(
  db: Database,
  query: ObservationsAfterQuery,
): Promise<ObservationWithTrace[]> {
  const { projectId, after, limit } = query;
  const narrowed = await withFewTraces(db, projectId, query.filter);
  const filter = after ? { ...narrowed, toUs: Math.min(narrowed.toUs ?? Infinity, after.startTimeUs + 1) } : narrowed;
  const bounded = await withinBound(db, { projectId, filter, rows: limit });
  const isSorted = bounded !== filter || filter.inTraces !== undefined;
  const list = async (part: ObservationFilter, ask: AskTraces) =>
    await pageStatement(db, { ...query, filter: part, isSorted }, ask);
  if (isSorted) return await list(bounded, "join");
  return await nearestFirst(db, { projectId, filter, limit, list });
}

function pageStatement(db: Database, query: ObservationsAfterQuery & { readonly isSorted: boolean }, ask: AskTraces) {
  const { projectId, filter, after, limit, isSorted } = query;
  const { startTime, id, traceId } = observations;
  const { input, output, metadata } = observationColumns;
  const observation = {
    ...observationHeadColumns,
    ...(query.withIo ? { input, output } : {}),
    ...(query.withMetadata ? { metadata } : {}),
  };
  return db
    .select({ observation, isRoot: IS_ROOT_OBSERVATION, trace: traceContext })
    .from(observations)
    .innerJoin(traces, and(eq(traces.projectId, projectId), eq(traces.id, traceId)))
    .where(
      and(
        observationConditions(db, projectId, filter, ask),
        after &&
          sql`(${startTime}, ${id}, ${traceId}) < (${sql.param(after.startTimeUs, startTime)}, ${after.id}, ${after.traceId})`,
      ),
    )
    .orderBy(desc(isSorted ? unindexed(startTime) : startTime), desc(id), desc(traceId))
    .limit(limit);
}
