import type { RowCount } from "@xtrace/contract";
import { and, eq, gte, lt } from "drizzle-orm";
import type { Database } from "../client.ts";
import { upTo } from "../count-up-to.ts";
import { lookAtNewest } from "../look-at-newest.ts";
import { scores } from "../schema/scores.ts";
import { fewTraceIds } from "../traces/few-trace-ids.ts";
import { traceConditions } from "../traces/trace-filter.ts";
import { withTagsOfFew } from "../traces/with-tags-of-few.ts";
import { scoreCondition, type ScoreFilter } from "./score-filter.ts";

/** Scores that tell how common the tags are. Each looks its trace up: 1 ms. */
const SAMPLE = 500;
/** Walked in 10 to 15 ms. What is less common is counted in the index of tags in no more. */
const FURTHEST = 6_000;
/** Further on there may be fewer matches than the sample shows. */
const MARGIN = 1.25;
/** At least so many in the sample are not the scores of a few traces. */
const COMMON = SAMPLE / 100;

/** How to read scores of which something is asked about their traces. */
export type NarrowedScores = {
  readonly filter: ScoreFilter;
  /** Up to the bound, where it came out. */
  readonly counted?: RowCount;
};

/**
 * Finds out how common the traces are that a filter asks for, which PostgreSQL cannot know of their scores: it would look
 * at every score for its trace. Few are named by their ids, in place of what is asked of them; tags that a walk
 * meets soon are counted on the way.
 */
export async function narrowByTraces(db: Database, asked: ScoreFilter, bound: number): Promise<NarrowedScores> {
  const { projectId, userId, traceTags, ...others } = asked;
  if ((userId === undefined && traceTags === undefined) || asked.traceIds !== undefined) return { filter: asked };
  if (traceTags !== undefined) {
    const met = await countOnTheWay(db, asked, bound);
    if (met) return { filter: asked, ...met };
  }
  const ofTraces = await withTagsOfFew(db, projectId, { userId, tags: traceTags });
  const inTraces = await fewTraceIds(db, traceConditions(projectId, ofTraces));
  return { filter: inTraces ? { ...others, projectId, inTraces } : asked };
}

/** `undefined` where the tags are not common; no count where they are, but not so common that a walk tells it. */
async function countOnTheWay(
  db: Database,
  asked: ScoreFilter,
  bound: number,
): Promise<Pick<NarrowedScores, "counted"> | undefined> {
  const { projectId, fromUs, toUs } = asked;
  const walk = {
    table: scores,
    time: scores.timestamp,
    along: and(
      eq(scores.projectId, projectId),
      fromUs === undefined ? undefined : gte(scores.timestamp, fromUs),
      toUs === undefined ? undefined : lt(scores.timestamp, toUs),
    ),
    condition: scoreCondition(asked),
  };
  const sample = await lookAtNewest(db, walk, SAMPLE);
  if (sample.rows < SAMPLE) return { counted: upTo(bound, sample.matches) };
  const needed = Math.ceil(((bound + 1) / sample.matches) * SAMPLE * MARGIN);
  if (needed <= FURTHEST) {
    const walked = await lookAtNewest(db, walk, needed);
    if (walked.matches > bound || walked.rows < needed) return { counted: upTo(bound, walked.matches) };
  }
  return sample.matches < COMMON ? undefined : {};
}
