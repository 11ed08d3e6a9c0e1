import { bigint, date, foreignKey, index, integer, numeric, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { id, timestampUs } from "./column-types.ts";
import { traces } from "./traces.ts";

/** Sums over observations. The writer applies exact deltas with every batch. */
const usageSums = {
  observationCount: integer("observation_count").notNull(),
  promptTokens: bigint("prompt_tokens", { mode: "number" }).notNull(),
  completionTokens: bigint("completion_tokens", { mode: "number" }).notNull(),
  totalTokens: bigint("total_tokens", { mode: "number" }).notNull(),
  totalCost: numeric("total_cost").notNull(),
};

/**
 * What one trace used in one model on one UTC day of its observations' starts, by observation type.
 * Serves usage filtered by a trace's fields, and tells when a trace joins or leaves a daily rollup.
 * `model` is '' for observations without one.
 */
export const traceUsage = pgTable(
  "trace_usage",
  {
    projectId: id("project_id").notNull(),
    traceId: id("trace_id").notNull(),
    day: date("day").notNull(),
    type: text("type").notNull(),
    model: text("model").notNull(),
    ...usageSums,
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.traceId, t.day, t.type, t.model] }),
    foreignKey({
      name: "trace_usage_trace_fk",
      columns: [t.projectId, t.traceId],
      foreignColumns: [traces.projectId, traces.id],
    }).onDelete("cascade"),
    index("trace_usage_project_day_idx").on(t.projectId, t.day),
  ],
);

/** `trace_usage` summed over a project's traces: what daily metrics without a filter read. */
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
