import { and, eq, inArray, isNull, sql, type SQL } from "drizzle-orm";
import { deadLetters } from "../schema/dead-letters.ts";

/** `open`: nobody decided yet. `requested`: a worker is about to replay it. The others are settled. */
export const DEAD_LETTER_STATES = ["open", "requested", "replayed", "discarded"] as const;
export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number];

/** All given ones hold together. Without `projectId`, letters of every project. */
export type DeadLetterFilter = {
  readonly projectId?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly state?: DeadLetterState | undefined;
  /** A SQLSTATE, or `other` for what PostgreSQL never saw: jobs that nobody can read, failures of our own. */
  readonly reason?: string | undefined;
};

export const stateColumn = sql<DeadLetterState>`case
  when ${deadLetters.discardedAt} is not null then 'discarded'
  when ${deadLetters.replayedAt} is not null then 'replayed'
  when ${deadLetters.replayRequestedAt} is not null then 'requested'
  else 'open' end`;

export const isUnsettled = and(isNull(deadLetters.replayedAt), isNull(deadLetters.discardedAt));

export function filterConditions({ projectId, ids, state, reason }: DeadLetterFilter): SQL | undefined {
  return and(
    projectId === undefined ? undefined : eq(deadLetters.projectId, projectId),
    ids === undefined ? undefined : inArray(deadLetters.id, [...ids]),
    state === undefined ? undefined : sql`${stateColumn} = ${state}`,
    reason === undefined
      ? undefined
      : reason === "other"
        ? isNull(deadLetters.sqlstate)
        : eq(deadLetters.sqlstate, reason),
  );
}
