import { z } from "zod";
import { ScoreDataType, ScoreSource } from "../observation-type.ts";
import { boundedPaged } from "./bounded-page.ts";

const nullableText = z.string().nullable();
const time = z.iso.datetime();

/**
 * A score as Langfuse's v1 and v2 endpoints show it.
 *
 * `value` is the number: 0 or 1 for BOOLEAN, 0 for a category or correction without a number,
 * because the Python SDK refuses anything else, and `null` only for TEXT. `stringValue` is the
 * text of all data types but NUMERIC.
 */
const ScoreFields = z.object({
  id: z.string(),
  projectId: z.string(),
  name: z.string(),
  dataType: ScoreDataType,
  value: z.number().nullable(),
  stringValue: nullableText,
  source: ScoreSource,
  traceId: nullableText,
  observationId: nullableText,
  sessionId: nullableText,
  datasetRunId: nullableText,
  comment: nullableText,
  metadata: z.record(z.string(), z.unknown()).nullable(),
  configId: nullableText,
  queueId: nullableText,
  authorUserId: nullableText,
  environment: z.string(),
  timestamp: time,
  createdAt: time,
  updatedAt: time,
});
export const Score = ScoreFields.meta({ id: "Score" });
export type Score = z.infer<typeof Score>;

/** What a score list tells of the judged trace. */
export const ScoreTrace = z.object({
  userId: nullableText,
  tags: z.array(z.string()),
  environment: z.string(),
  sessionId: nullableText,
});
export type ScoreTrace = z.infer<typeof ScoreTrace>;

/** `trace` is `null` while the trace is unknown, and absent when the caller asked for the score alone. */
export const ScoreListItem = ScoreFields.extend({ trace: ScoreTrace.nullable().optional() }).meta({
  id: "ScoreListItem",
});
export type ScoreListItem = z.infer<typeof ScoreListItem>;

export const ScoreList = boundedPaged(ScoreListItem);
export type ScoreList = z.infer<typeof ScoreList>;

/** What a score judges. `id` of an experiment is its dataset run's. */
export const ScoreSubject = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("trace"), id: z.string() }),
  z.object({ kind: z.literal("observation"), id: z.string(), traceId: z.string().optional() }),
  z.object({ kind: z.literal("session"), id: z.string() }),
  z.object({ kind: z.literal("experiment"), id: z.string() }),
]);
export type ScoreSubject = z.infer<typeof ScoreSubject>;

/** Groups of fields of a v3 score that a caller may ask for. The core is always there. */
export const SCORE_V3_FIELDS = ["core", "details", "subject", "annotation"] as const;
export type ScoreV3Field = (typeof SCORE_V3_FIELDS)[number];

/** `value` is typed by `dataType`: a number for NUMERIC, a boolean for BOOLEAN, else a text. */
export const ScoreV3 = z
  .object({
    id: z.string(),
    projectId: z.string(),
    name: z.string(),
    dataType: ScoreDataType,
    value: z.union([z.number(), z.boolean(), z.string()]),
    source: ScoreSource,
    environment: z.string(),
    timestamp: time,
    createdAt: time,
    updatedAt: time,
    comment: nullableText.optional().describe("With `details`."),
    configId: nullableText.optional().describe("With `details`."),
    metadata: z.record(z.string(), z.unknown()).nullable().optional().describe("With `details`."),
    authorUserId: nullableText.optional().describe("With `annotation`."),
    queueId: nullableText.optional().describe("With `annotation`."),
    subject: ScoreSubject.nullable().optional().describe("With `subject`."),
  })
  .meta({ id: "ScoreV3" });
export type ScoreV3 = z.infer<typeof ScoreV3>;

export const ScoreV3List = z.object({
  data: z.array(ScoreV3),
  meta: z.object({ limit: z.int(), cursor: z.string().optional().describe("Absent on the last page.") }),
});
export type ScoreV3List = z.infer<typeof ScoreV3List>;
