import { sql } from "drizzle-orm";
import { index, pgTable, text } from "drizzle-orm/pg-core";
import { id, timestampUs } from "./column-types.ts";

/** A job that PostgreSQL refused for its data, alone after bisection, with the reason. Kept until replayed or discarded. */
export const deadLetters = pgTable(
  "dead_letters",
  {
    /** The queue's job id: a job that dies twice is one row. */
    id: id("id").primaryKey(),
    projectId: id("project_id").notNull(),
    sqlstate: text("sqlstate"),
    error: text("error").notNull(),
    /** The job as JSON text, word for word: it may hold what no `jsonb` can. */
    payload: text("payload").notNull(),
    receivedAt: timestampUs("received_at").notNull(),
    createdAt: timestampUs("created_at")
      .notNull()
      .default(sql`now()`),
  },
  (t) => [index("dead_letters_project_idx").on(t.projectId, t.createdAt)],
);
