import { and, desc, eq, sql, type SQL } from "drizzle-orm";
import type { Database } from "../client.ts";
import { skipHours, type PageStart } from "../counts/hourly-counts.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import { unindexed } from "../unindexed.ts";
import { scoreColumns, type ScoreRow } from "./score-columns.ts";
import { isOnlyTimeOfScores, scoreCondition, type ScoreFilter } from "./score-filter.ts";

/** The fields of the judged trace that go with a score. */
export type ScoreTraceRow = Pick<typeof traces.$inferSelect, "id" | "userId" | "tags" | "environment" | "sessionId">;

export type ListedScore = {
  readonly score: ScoreRow;
  /** `null` when the trace is unknown, or when the score judges no trace. */
  readonly trace: ScoreTraceRow | null;
};

/** The place of a score in the list. */
export type ScorePosition = { readonly timestampUs: number; readonly id: string };

export type ScoreListQuery = {
  readonly filter: ScoreFilter;
  readonly limit: number;
  /** Rows to skip; serves page numbers. */
  readonly offset?: number | undefined;
  /** Continues after this score, as fast at any depth. */
  readonly before?: ScorePosition | undefined;
  /** Whether few match: they are then all fetched and sorted, as in `listTraces`. */
  readonly selective?: boolean | undefined;
};

/**
 * The newest scores that match, with what there is of their traces.
 *
 * Order: `(timestamp, id)` descending, by a backward scan of `scores_project_timestamp_idx`, or of the
 * rows that another index finds. The page's ids are found first; scores and traces are then fetched for
 * the page only. Without a filter but time, whole hours of skipped rows are not read: see `skipHours`.
 */
export async function listScores(db: Database, query: ScoreListQuery): Promise<ListedScore[]> {
  const start = await startOfPage(db, query);
  if (!start) return [];
  const { timestamp } = scores;
  const page = db
    .select({ id: scores.id, timestamp })
    .from(scores)
    .where(and(scoreCondition({ ...query.filter, ...start.range }), query.before && isBefore(query.before)))
    .orderBy(desc(query.selective ? unindexed(timestamp) : timestamp), desc(scores.id))
    .limit(query.limit)
    .offset(start.offset)
    .as("page");
  return await db
    .select({ score: scoreColumns, trace: traceColumns })
    .from(page)
    .innerJoin(scores, and(eq(scores.projectId, query.filter.projectId), eq(scores.id, page.id)))
    .leftJoin(traces, and(eq(traces.projectId, query.filter.projectId), eq(traces.id, scores.traceId)))
    .orderBy(desc(page.timestamp), desc(page.id));
}

async function startOfPage(db: Database, { filter, offset = 0 }: ScoreListQuery): Promise<PageStart | null> {
  if (!isOnlyTimeOfScores(filter)) return { range: {}, offset };
  return await skipHours(db, {
    projectId: filter.projectId,
    of: "scores",
    range: { fromUs: filter.fromUs, toUs: filter.toUs },
    direction: "desc",
    offset,
  });
}

/** The id comes first: Drizzle takes a joined row for missing when the first of its columns is null. */
const traceColumns = {
  id: traces.id,
  userId: traces.userId,
  tags: traces.tags,
  environment: traces.environment,
  sessionId: traces.sessionId,
};

function isBefore({ timestampUs, id }: ScorePosition): SQL {
  return sql`(${scores.timestamp}, ${scores.id}) < (${sql.param(timestampUs, scores.timestamp)}, ${id})`;
}
