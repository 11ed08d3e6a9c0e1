import { z } from "zod";
import { ScoreV3 } from "./score.ts";

const time = z.iso.datetime();
const json = z.unknown();
/** Langfuse's clients refuse a whole page for the sake of one that is no object. */
const object = z.record(z.string(), json).nullable();

/** Groups of fields of an experiment that a caller may add to the core. */
export const EXPERIMENT_FIELDS = ["core", "metadata", "scores"] as const;
export type ExperimentField = (typeof EXPERIMENT_FIELDS)[number];

/** A run of a dataset, or an experiment on other data that its spans tell of, as Langfuse 4 shows it. */
export const Experiment = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    startTime: time,
    endTime: time.describe("Of what came of its items; `startTime` while nothing has come."),
    itemCount: z.int(),
    datasetId: z.string().nullable().describe("`null`: of data that is no dataset."),
    metadata: object.optional().describe("With `metadata`."),
    scores: z.array(ScoreV3).optional().describe("With `scores`: of the run as a whole."),
  })
  .meta({ id: "Experiment" });
export type Experiment = z.infer<typeof Experiment>;

export const EXPERIMENT_ITEM_FIELDS = [
  "core",
  "dataset",
  "io",
  "metadata",
  "itemMetadata",
  "experimentMetadata",
  "scores",
] as const;
export type ExperimentItemField = (typeof EXPERIMENT_ITEM_FIELDS)[number];

/** What came of an item: the observation that ran it, or its trace, with what was expected. */
export const ExperimentItem = z
  .object({
    id: z.string().describe("Of the observation, or of the trace where no observation was named."),
    traceId: z.string(),
    startTime: time.describe("When it was told, while the trace is not there."),
    endTime: time.nullable(),
    level: z.string(),
    environment: z.string(),
    experimentId: z.string(),
    experimentName: z.string(),
    experimentItemId: z.string(),
    experimentDatasetId: z.string().nullable().optional().describe("With `dataset`."),
    experimentItemVersion: time.nullable().optional().describe("With `dataset`."),
    input: json.optional().describe("With `io`."),
    output: json.optional().describe("With `io`."),
    expectedOutput: json.optional().describe("With `io`."),
    metadata: object.optional().describe("With `metadata`."),
    experimentItemMetadata: object.optional().describe("With `itemMetadata`."),
    experimentMetadata: object.optional().describe("With `experimentMetadata`."),
    experimentDescription: z.string().nullable().optional().describe("With `experimentMetadata`."),
    scores: z.array(ScoreV3).optional().describe("With `scores`: of the trace and its parts."),
  })
  .meta({ id: "ExperimentItem" });
export type ExperimentItem = z.infer<typeof ExperimentItem>;

const meta = z.object({ cursor: z.string().optional().describe("Absent on the last page.") });

export const ExperimentList = z.object({ data: z.array(Experiment), meta });
export const ExperimentItemList = z.object({ data: z.array(ExperimentItem), meta });
