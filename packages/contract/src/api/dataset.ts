import { z } from "zod";
import { atMost, NonEmptyText } from "../bounded.ts";
import { OptionalJson } from "../json.ts";
import { LIMITS } from "../limits.ts";
import { Media } from "./media.ts";
import { paged } from "./page.ts";

export const DATASET_STATUSES = ["ACTIVE", "ARCHIVED"] as const;
export type DatasetStatus = (typeof DATASET_STATUSES)[number];

/** Of ids of items, in UTF-16 code units. Source: Langfuse's API definition. */
const MAX_ITEM_ID_LENGTH = 255;

const Name = NonEmptyText.refine(...atMost(LIMITS.maxNameLength));
const Id = NonEmptyText.refine(...atMost(LIMITS.maxIdLength));
const Description = z.string().refine(...atMost(10_000));
const time = z.iso.datetime();
/** Absent where it was never given; SDKs take `null` for that. */
const json = z.unknown();

/** The body of `POST /v2/datasets`. A dataset of that name takes what is given. */
export const CreateDataset = z.object({
  name: Name,
  description: Description.nullish(),
  metadata: OptionalJson,
  inputSchema: OptionalJson.describe("JSON Schema that the input of every item has to fit."),
  expectedOutputSchema: OptionalJson.describe("JSON Schema that the expected output of every item has to fit."),
});

export const Dataset = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    metadata: json,
    inputSchema: json,
    expectedOutputSchema: json,
    projectId: z.string(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "Dataset" });
export type Dataset = z.infer<typeof Dataset>;
export const DatasetList = paged(Dataset);

/** The body of `POST /dataset-items`. An item with that id takes what is given; `null` leaves what there is. */
export const CreateDatasetItem = z.object({
  datasetName: z.string(),
  id: NonEmptyText.refine(...atMost(MAX_ITEM_ID_LENGTH)).nullish(),
  input: OptionalJson,
  expectedOutput: OptionalJson,
  metadata: OptionalJson,
  sourceTraceId: Id.nullish(),
  sourceObservationId: Id.nullish(),
  status: z.enum(DATASET_STATUSES).nullish(),
});

const DatasetItemMediaReference = z
  .object({
    field: z.enum(["input", "expectedOutput", "metadata"]),
    referenceString: z.string().describe("As it stands in the text."),
    jsonPath: z.string().describe("Of the text, within the field."),
    media: Media.omit({ uploadedAt: true }),
  })
  .meta({ id: "DatasetItemMediaReference" });

export const DatasetItem = z
  .object({
    id: z.string(),
    status: z.enum(DATASET_STATUSES),
    input: json,
    expectedOutput: json,
    metadata: json,
    sourceTraceId: z.string().nullable(),
    sourceObservationId: z.string().nullable(),
    datasetId: z.string(),
    datasetName: z.string(),
    createdAt: time,
    updatedAt: time,
    mediaReferences: z
      .array(DatasetItemMediaReference)
      .describe("Files that texts of the item name, as far as they were uploaded."),
  })
  .meta({ id: "DatasetItem" });
export type DatasetItem = z.infer<typeof DatasetItem>;
export const DatasetItemList = paged(DatasetItem);

/** As clients had it before `/v2/datasets`: with what is in it. */
export const DatasetWithItems = Dataset.extend({
  items: z.array(DatasetItem),
  runs: z.array(z.string()).describe("Their names."),
}).meta({ id: "DatasetWithItems" });

export const DatasetWithIds = Dataset.extend({
  items: z.array(z.string()).describe("Their ids, the newest 1,000 at most."),
  runs: z.array(z.string()).describe("Their names, the newest 1,000 at most."),
}).meta({ id: "DatasetWithIds" });
export const DatasetWithIdsList = paged(DatasetWithIds);

/** The body of `POST /dataset-run-items`. */
export const CreateDatasetRunItem = z
  .object({
    runName: Name,
    runDescription: Description.nullish(),
    metadata: OptionalJson.describe("Of the run."),
    datasetItemId: z.string(),
    traceId: Id.nullish().describe("The observation's when left out."),
    observationId: Id.nullish(),
    datasetVersion: z.iso.datetime({ offset: true }).nullish().describe("The time as of which items are run."),
    createdAt: z.iso.datetime({ offset: true }).nullish(),
  })
  .refine(({ traceId, observationId }) => (traceId ?? observationId) !== undefined, {
    path: ["traceId"],
    error: "expected traceId or observationId",
  });

export const DatasetRunItem = z
  .object({
    id: z.string(),
    datasetRunId: z.string(),
    datasetRunName: z.string(),
    datasetItemId: z.string(),
    traceId: z.string(),
    observationId: z.string().nullable(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "DatasetRunItem" });
export type DatasetRunItem = z.infer<typeof DatasetRunItem>;
export const DatasetRunItemList = paged(DatasetRunItem);

export const DatasetRun = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    metadata: json,
    datasetId: z.string(),
    datasetName: z.string(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "DatasetRun" });
export type DatasetRun = z.infer<typeof DatasetRun>;
export const DatasetRunList = paged(DatasetRun);

export const DatasetRunWithItems = DatasetRun.extend({
  datasetRunItems: z.array(DatasetRunItem).describe("At most 10,000."),
}).meta({ id: "DatasetRunWithItems" });
