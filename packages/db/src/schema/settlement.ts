import { sql } from "drizzle-orm";
import { bigint, pgTable, text } from "drizzle-orm/pg-core";
import { id, timestampUs } from "./column-types.ts";

/*
 * What became of every event that the queue took. Written in the transactions that store the events, so
 * that it is true whatever crashes.
 */

const count = (name: string) => bigint(name, { mode: "number" }).notNull();

/** Jobs whose events are in their rows: one that is delivered again is recognised. Kept until the queue has surely forgotten them. */
export const settledJobs = pgTable("settled_jobs", {
  id: id("id").primaryKey(),
  settledAt: timestampUs("settled_at")
    .notNull()
    .default(sql`now()`),
});

/**
 * What became of the events of one batch, or of many: rows are replaced by their sum now and then. One
 * row for all would make writers wait for each other.
 */
export const settledEvents = pgTable("settled_events", {
  stored: count("stored"),
  merged: count("merged"),
  deadLettered: count("dead_lettered"),
});

/** The highest that each count of the queue was ever seen at: a queue that was emptied begins another. */
export const acceptedEvents = pgTable("accepted_events", {
  counter: text("counter").primaryKey(),
  events: count("events"),
});
