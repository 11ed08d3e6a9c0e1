import type { JsonObject } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  numeric,
  pgTable,
  primaryKey,
  text,
} from "drizzle-orm/pg-core";
import type { Stamps } from "../merge/stamps.ts";
import { id, jsonbOf, jsonText, timestampUs, writtenAt } from "./column-types.ts";

/**
 * What one trace used in one model on one UTC day of its observations' starts, by observation type. Serves usage filtered by a
 * trace's fields, and tells when a trace joins or leaves a daily rollup. The model is '' for observations without one.
 * Sums as text, since they may be larger than a number is exact; the cost in US dollars.
 */
export type UsageEntry = readonly [
  day: string,
  type: string,
  model: string,
  observationCount: number,
  promptTokens: string,
  completionTokens: string,
  totalTokens: string,
  totalCost: string,
];

/**
 * One row a trace. It exists as soon as anything of the trace arrived, also before the trace itself.
 *
 * The totals at the end are sums over the trace's observations. The writer keeps them exact with
 * every batch, so no reader ever scans observations for them.
 */
export const traces = pgTable(
  "traces",
  {
    projectId: id("project_id").notNull(),
    id: id("id").notNull(),
    timestamp: timestampUs("timestamp").notNull(),
    name: text("name"),
    userId: text("user_id"),
    sessionId: text("session_id"),
    release: text("release"),
    version: text("version"),
    environment: text("environment"),
    externalId: text("external_id"),
    public: boolean("public"),
    bookmarked: boolean("bookmarked"),
    tags: text("tags").array().notNull().default([]),
    metadata: jsonbOf<JsonObject>("metadata"),
    input: jsonText("input"),
    output: jsonText("output"),
    /** The version of every field that `stamps` does not name. See merge/stamps.ts. */
    eventStamp: bigint("event_stamp", { mode: "number" }).notNull(),
    stamps: jsonbOf<Stamps>("stamps"),
    ...writtenAt,

    observationCount: integer("observation_count").notNull().default(0),
    errorCount: integer("error_count").notNull().default(0),
    promptTokens: bigint("prompt_tokens", { mode: "number" }).notNull().default(0),
    completionTokens: bigint("completion_tokens", { mode: "number" }).notNull().default(0),
    totalTokens: bigint("total_tokens", { mode: "number" }).notNull().default(0),
    /** US dollars, exact. */
    totalCost: numeric("total_cost").notNull().default("0"),
    /** `null` where there are no observations. */
    usageByDay: jsonbOf<readonly UsageEntry[]>("usage_by_day"),
    firstStartTime: timestampUs("first_start_time"),
    lastEndTime: timestampUs("last_end_time"),
    /** Seconds from the first start to the last end. */
    latency: doublePrecision("latency").generatedAlwaysAs(sql`extract(epoch from last_end_time - first_start_time)`),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    // Ascending on purpose: a backward scan serves the newest first, while Drizzle's .desc() means NULLS LAST, which no query asks for.
    index("traces_project_timestamp_idx").on(t.projectId, t.timestamp, t.id),
    index("traces_project_session_idx").on(t.projectId, t.sessionId, t.timestamp),
    index("traces_project_user_idx").on(t.projectId, t.userId, t.timestamp),
    index("traces_project_name_idx").on(t.projectId, t.name, t.timestamp),
    // What names no environment reads as "default".
    index("traces_project_environment_idx").on(t.projectId, sql`coalesce(${t.environment}, 'default')`, t.timestamp),
    // Rows without the value take no part: not everybody names releases and versions.
    index("traces_project_release_idx")
      .on(t.projectId, t.release, t.timestamp)
      .where(sql`${t.release} is not null`),
    index("traces_project_version_idx")
      .on(t.projectId, t.version, t.timestamp)
      .where(sql`${t.version} is not null`),
    index("traces_tags_idx").using("gin", t.tags),
  ],
);
