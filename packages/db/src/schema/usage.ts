import { bigint, date, integer, numeric, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { id, timestampUs } from "./column-types.ts";

/** Sums over observations. The writer applies exact deltas with every batch. */
const usageSums = {
  observationCount: integer("observation_count").notNull(),
  promptTokens: bigint("prompt_tokens", { mode: "number" }).notNull(),
  completionTokens: bigint("completion_tokens", { mode: "number" }).notNull(),
  totalTokens: bigint("total_tokens", { mode: "number" }).notNull(),
  totalCost: numeric("total_cost").notNull(),
};

/** What a project's traces used, by UTC day, type and model: what daily metrics without a filter read. `model` is '' where none was named. */
export const dailyUsage = pgTable(
  "daily_usage",
  {
    projectId: id("project_id").notNull(),
    day: date("day").notNull(),
    type: text("type").notNull(),
    model: text("model").notNull(),
    traceCount: integer("trace_count").notNull(),
    ...usageSums,
  },
  (t) => [primaryKey({ columns: [t.projectId, t.day, t.type, t.model] })],
);

/**
 * `daily_usage` of the traces that have one value of one facet: a name, an environment, a release or a version.
 * Serves daily metrics filtered by one of them, however many traces match.
 *
 * A trace is counted under what it says now: one that is renamed takes all its usage along.
 * Rows whose `type` is '' tell of the traces themselves: `trace_count` is how many have their timestamp on the day.
 */
export const facetUsage = pgTable(
  "facet_usage",
  {
    projectId: id("project_id").notNull(),
    facet: text("facet").$type<Facet>().notNull(),
    value: id("value").notNull(),
    day: date("day").notNull(),
    type: text("type").notNull(),
    model: text("model").notNull(),
    traceCount: integer("trace_count").notNull(),
    ...usageSums,
  },
  (t) => [primaryKey({ columns: [t.projectId, t.facet, t.value, t.day, t.type, t.model] })],
);

/** What traces are grouped by. What names no environment is in "default"; another field that is absent has no value. */
export type Facet = "name" | "environment" | "release" | "version";

/**
 * How many rows of a project fall into an hour: traces and scores by their timestamp, observations by
 * their start. Serves exact totals, and lets a page deep in a list skip what lies before it unread.
 */
export const hourlyCounts = pgTable(
  "hourly_counts",
  {
    projectId: id("project_id").notNull(),
    /** Start of the hour, UTC. */
    hour: timestampUs("hour").notNull(),
    traceCount: integer("trace_count").notNull(),
    observationCount: integer("observation_count").notNull(),
    scoreCount: integer("score_count").notNull(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.hour] })],
);
