import type { JsonObject, ObservationLevel, ObservationType } from "@xtrace/contract";
import { sql, type SQL } from "drizzle-orm";
import { bigint, foreignKey, index, numeric, pgTable, primaryKey, text, type AnyPgColumn } from "drizzle-orm/pg-core";
import type { Stamps } from "../merge/stamps.ts";
import type { AppliedPrices } from "../prices/priced-model.ts";
import { id, jsonbOf, jsonText, timestampUs, writtenAt } from "./column-types.ts";
import { traces } from "./traces.ts";

/*
 * With the collation of the columns that they are compared with. Without it PostgreSQL sets it where it plans a query, and then finds
 * that the condition is not the index's.
 */

function experimentIdOf(metadata: AnyPgColumn): SQL {
  return sql`left(${metadata} #>> '{attributes,langfuse.experiment.id}', 255) collate "C"`;
}

function isExperimentItem(metadata: AnyPgColumn, observationId: AnyPgColumn): SQL {
  return sql`(${metadata} #>> '{attributes,langfuse.experiment.item.root_observation_id}') collate "C" = ${observationId}`;
}

/**
 * One row an observation: a span, a generation, an event or another step of a trace.
 *
 * The key ends with the trace: an OTLP span id is unique only inside its trace. It starts with the
 * id, so that one index finds an observation by id alone and keeps it unique.
 * A parent is named by value and may arrive later or never.
 */
export const observations = pgTable(
  "observations",
  {
    projectId: id("project_id").notNull(),
    id: id("id").notNull(),
    traceId: id("trace_id").notNull(),
    type: text("type").$type<ObservationType>(),
    parentObservationId: id("parent_observation_id"),
    name: text("name"),
    startTime: timestampUs("start_time").notNull(),
    endTime: timestampUs("end_time"),
    completionStartTime: timestampUs("completion_start_time"),
    level: text("level").$type<ObservationLevel>(),
    statusMessage: text("status_message"),
    version: text("version"),
    environment: text("environment"),
    model: text("model"),
    modelParameters: jsonbOf<JsonObject>("model_parameters"),
    /** Units by usage key, as sent. */
    usageDetails: jsonbOf<Record<string, number>>("usage_details"),
    usageUnit: text("usage_unit"),
    /** US dollars by usage key, as sent. */
    costDetails: jsonbOf<Record<string, number>>("cost_details"),
    /** Derived from `usageDetails` at every write: the sums over input keys, output keys, and all of them. */
    promptTokens: bigint("prompt_tokens", { mode: "number" }),
    completionTokens: bigint("completion_tokens", { mode: "number" }),
    totalTokens: bigint("total_tokens", { mode: "number" }),
    /** Derived at every write from `costDetails`, else from `calculatedCosts`. US dollars, exact. */
    totalCost: numeric("total_cost"),
    /** Derived at every write: the model of the price table that `model` is a name of. */
    modelId: text("model_id"),
    /** Derived at every write: what that model cost then. */
    appliedPrices: jsonbOf<AppliedPrices>("applied_prices"),
    /** Derived at every write, where the sender gave no cost: US dollars by usage key, and their `total`. */
    calculatedCosts: jsonbOf<Record<string, number>>("calculated_costs"),
    promptId: text("prompt_id"),
    promptName: text("prompt_name"),
    promptVersion: text("prompt_version"),
    metadata: jsonbOf<JsonObject>("metadata"),
    input: jsonText("input"),
    output: jsonText("output"),
    eventStamp: bigint("event_stamp", { mode: "number" }).notNull(),
    stamps: jsonbOf<Stamps>("stamps"),
    ...writtenAt,
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id, t.traceId] }),
    foreignKey({
      name: "observations_trace_fk",
      columns: [t.projectId, t.traceId],
      foreignColumns: [traces.projectId, traces.id],
    }).onDelete("cascade"),
    index("observations_project_trace_idx").on(t.projectId, t.traceId, t.startTime),
    index("observations_project_start_idx").on(t.projectId, t.startTime, t.id),
    // Within each value they grow in the order of time, at their right end. Rows that say nothing or the usual take no part.
    index("observations_project_name_idx").on(t.projectId, t.name, t.startTime),
    index("observations_project_model_idx")
      .on(t.projectId, t.model, t.startTime)
      .where(sql`${t.model} is not null`),
    index("observations_project_version_idx")
      .on(t.projectId, t.version, t.startTime)
      .where(sql`${t.version} is not null`),
    index("observations_project_level_idx")
      .on(t.projectId, t.level, t.startTime)
      .where(sql`${t.level} <> 'DEFAULT'`),
    // Of one experiment and of all of them. Cut, since an index entry has its limits and a client may send any id.
    index("observations_project_experiment_idx")
      .on(t.projectId, experimentIdOf(t.metadata), t.startTime)
      .where(isExperimentItem(t.metadata, t.id)),
    index("observations_project_experiment_time_idx")
      .on(t.projectId, t.startTime, t.id)
      .where(isExperimentItem(t.metadata, t.id)),
  ],
);

/** Which experiment a span belongs to, as Langfuse's clients say it; null where they do not. */
export const EXPERIMENT_ID_OF_SPAN = experimentIdOf(observations.metadata);

/** Holds for the span that ran an item of an experiment. */
export const IS_EXPERIMENT_ITEM = isExperimentItem(observations.metadata, observations.id);
