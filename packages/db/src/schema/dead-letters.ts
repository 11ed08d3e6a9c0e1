import { sql } from "drizzle-orm";
import { index, integer, pgTable, text } from "drizzle-orm/pg-core";
import { id, timestampUs } from "./column-types.ts";

/**
 * What PostgreSQL refused for its data, alone after bisection, or a score that does not fit its config, with the reason. The row stays: a replayed or
 * discarded one tells that it was there, without its payload.
 */
export const deadLetters = pgTable(
  "dead_letters",
  {
    /** The queue's job id and a digest: an event that dies twice is one row. */
    id: id("id").primaryKey(),
    projectId: id("project_id").notNull(),
    sqlstate: text("sqlstate"),
    error: text("error").notNull(),
    /** The job as JSON text, word for word: it may hold what no `jsonb` can. `null` in JSON once it is settled. */
    payload: text("payload").notNull(),
    /** Replays that failed again; `sqlstate` and `error` are of the last attempt. */
    attempts: integer("attempts").notNull().default(0),
    receivedAt: timestampUs("received_at").notNull(),
    createdAt: timestampUs("created_at")
      .notNull()
      .default(sql`now()`),
    replayRequestedAt: timestampUs("replay_requested_at"),
    replayedAt: timestampUs("replayed_at"),
    discardedAt: timestampUs("discarded_at"),
  },
  (t) => [
    index("dead_letters_project_idx").on(t.projectId, t.createdAt),
    // What the workers ask for every second, and nearly always there is none.
    index("dead_letters_requested_idx")
      .on(t.replayRequestedAt)
      .where(sql`replay_requested_at is not null and replayed_at is null and discarded_at is null`),
  ],
);
