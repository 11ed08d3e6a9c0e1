import type { JsonObject, ScoreDataType, ScoreSource } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import { bigint, doublePrecision, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Stamps } from "../merge/stamps.ts";
import { id, jsonbOf, timestampUs, writtenAt } from "./column-types.ts";

/** One row a score. Its target need not exist: a score may overtake the trace it judges. */
export const scores = pgTable(
  "scores",
  {
    projectId: id("project_id").notNull(),
    id: id("id").notNull(),
    timestamp: timestampUs("timestamp").notNull(),
    name: text("name").notNull(),
    dataType: text("data_type").$type<ScoreDataType>().notNull(),
    value: doublePrecision("value"),
    stringValue: text("string_value"),
    traceId: id("trace_id"),
    observationId: id("observation_id"),
    sessionId: text("session_id"),
    datasetRunId: text("dataset_run_id"),
    source: text("source").$type<ScoreSource>().notNull(),
    comment: text("comment"),
    metadata: jsonbOf<JsonObject>("metadata"),
    environment: text("environment"),
    configId: text("config_id"),
    queueId: text("queue_id"),
    authorUserId: text("author_user_id"),
    eventStamp: bigint("event_stamp", { mode: "number" }).notNull(),
    stamps: jsonbOf<Stamps>("stamps"),
    ...writtenAt,
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    index("scores_project_timestamp_idx").on(t.projectId, t.timestamp, t.id),
    index("scores_project_name_idx").on(t.projectId, t.name, t.timestamp),
    index("scores_project_trace_idx").on(t.projectId, t.traceId),
    index("scores_project_session_idx").on(t.projectId, t.sessionId),
    index("scores_project_run_idx")
      .on(t.projectId, t.datasetRunId)
      .where(sql`${t.datasetRunId} is not null`),
  ],
);
