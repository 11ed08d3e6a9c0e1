import type { DatasetStatus } from "@xtrace/contract";
import { foreignKey, index, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { id, jsonText, timestampUs, writtenByClock } from "./column-types.ts";

export const datasets = pgTable(
  "datasets",
  {
    projectId: id("project_id").notNull(),
    id: id("id").notNull(),
    name: id("name").notNull(),
    description: text("description"),
    metadata: jsonText("metadata"),
    inputSchema: jsonText("input_schema"),
    expectedOutputSchema: jsonText("expected_output_schema"),
    ...writtenByClock,
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    uniqueIndex("datasets_project_name_idx").on(t.projectId, t.name),
  ],
);

/** What an item says, now or at some time. */
const content = {
  status: text("status").$type<DatasetStatus>().notNull(),
  input: jsonText("input"),
  expectedOutput: jsonText("expected_output"),
  metadata: jsonText("metadata"),
  sourceTraceId: id("source_trace_id"),
  sourceObservationId: id("source_observation_id"),
};

/** Items as they are now. */
export const datasetItems = pgTable(
  "dataset_items",
  {
    projectId: id("project_id").notNull(),
    id: id("id").notNull(),
    datasetId: id("dataset_id").notNull(),
    ...content,
    ...writtenByClock,
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      name: "dataset_items_dataset_fk",
      columns: [t.projectId, t.datasetId],
      foreignColumns: [datasets.projectId, datasets.id],
    }).onDelete("cascade"),
    index("dataset_items_project_dataset_idx").on(t.projectId, t.datasetId, t.createdAt, t.id),
    index("dataset_items_project_trace_idx").on(t.projectId, t.sourceTraceId),
  ],
);

/** Items as they were from each change on, so that a dataset can be read as of a time. */
export const datasetItemVersions = pgTable(
  "dataset_item_versions",
  {
    projectId: id("project_id").notNull(),
    itemId: id("item_id").notNull(),
    validFrom: timestampUs("valid_from").notNull(),
    ...content,
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.itemId, t.validFrom] }),
    foreignKey({
      name: "dataset_item_versions_item_fk",
      columns: [t.projectId, t.itemId],
      foreignColumns: [datasetItems.projectId, datasetItems.id],
    }).onDelete("cascade"),
  ],
);

/** One go over a dataset: an experiment. */
export const datasetRuns = pgTable(
  "dataset_runs",
  {
    projectId: id("project_id").notNull(),
    id: id("id").notNull(),
    datasetId: id("dataset_id").notNull(),
    name: id("name").notNull(),
    description: text("description"),
    metadata: jsonText("metadata").notNull(),
    ...writtenByClock,
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      name: "dataset_runs_dataset_fk",
      columns: [t.projectId, t.datasetId],
      foreignColumns: [datasets.projectId, datasets.id],
    }).onDelete("cascade"),
    uniqueIndex("dataset_runs_project_name_idx").on(t.projectId, t.datasetId, t.name),
    index("dataset_runs_project_created_idx").on(t.projectId, t.createdAt, t.id),
  ],
);

/** Runs that are gone, and whose spans, also such as are still to come, tell of them. */
export const deletedDatasetRuns = pgTable(
  "deleted_dataset_runs",
  { projectId: id("project_id").notNull(), id: id("id").notNull() },
  (t) => [primaryKey({ columns: [t.projectId, t.id] })],
);

/** What came of an item in a run. The trace need not be there yet. */
export const datasetRunItems = pgTable(
  "dataset_run_items",
  {
    projectId: id("project_id").notNull(),
    id: id("id").notNull(),
    runId: id("run_id").notNull(),
    itemId: id("item_id").notNull(),
    traceId: id("trace_id").notNull(),
    observationId: id("observation_id"),
    ...writtenByClock,
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      name: "dataset_run_items_run_fk",
      columns: [t.projectId, t.runId],
      foreignColumns: [datasetRuns.projectId, datasetRuns.id],
    }).onDelete("cascade"),
    foreignKey({
      name: "dataset_run_items_item_fk",
      columns: [t.projectId, t.itemId],
      foreignColumns: [datasetItems.projectId, datasetItems.id],
    }).onDelete("cascade"),
    index("dataset_run_items_project_run_idx").on(t.projectId, t.runId, t.createdAt, t.id),
    index("dataset_run_items_project_created_idx").on(t.projectId, t.createdAt, t.id),
    index("dataset_run_items_project_item_idx").on(t.projectId, t.itemId),
  ],
);
