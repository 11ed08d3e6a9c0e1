import { z } from "zod";
import { ObservationLevel, ObservationType } from "../observation-type.ts";

const Time = z.iso.datetime();
const NullableText = z.string().nullable();
const NullableUsd = z.number().nullable().describe("US dollars.");

/** What an observation used, in the shape of Langfuse's first usage object. Units are tokens unless `unit` says otherwise. */
export const Usage = z.object({
  input: z.number(),
  output: z.number(),
  total: z.number(),
  unit: NullableText,
  inputCost: NullableUsd,
  outputCost: NullableUsd,
  totalCost: NullableUsd,
});

/**
 * An observation as it is read back.
 *
 * Source: Langfuse's ObservationsView, whose clients require numbers for tokens and a level.
 */
export const ObservationView = z
  .object({
    id: z.string(),
    traceId: z.string(),
    projectId: z.string(),
    type: ObservationType,
    name: NullableText,
    startTime: Time,
    endTime: Time.nullable(),
    completionStartTime: Time.nullable(),
    parentObservationId: NullableText,
    level: ObservationLevel,
    statusMessage: NullableText,
    version: NullableText,
    environment: z.string(),
    model: NullableText,
    modelParameters: z.unknown(),
    input: z.unknown(),
    output: z.unknown(),
    metadata: z.unknown(),
    usage: Usage,
    usageDetails: z.record(z.string(), z.number()),
    costDetails: z.record(z.string(), z.number()),
    promptId: NullableText,
    promptName: NullableText,
    promptVersion: z.int().nullable(),
    promptTokens: z.number(),
    completionTokens: z.number(),
    totalTokens: z.number(),
    unit: NullableText,
    modelId: NullableText,
    inputPrice: NullableUsd,
    outputPrice: NullableUsd,
    totalPrice: NullableUsd,
    usagePricingTierId: NullableText.describe("The prices' tier."),
    usagePricingTierName: NullableText,
    calculatedInputCost: NullableUsd,
    calculatedOutputCost: NullableUsd,
    calculatedTotalCost: NullableUsd,
    latency: z.number().nullable().describe("Seconds from start to end."),
    timeToFirstToken: z.number().nullable().describe("Seconds from start to the first token."),
    createdAt: Time,
    updatedAt: Time,
  })
  .meta({ id: "ObservationsView" });
export type ObservationView = z.infer<typeof ObservationView>;

/**
 * An observation of the cursor-paged list: `core` fields always, the others by field group.
 *
 * Source: Langfuse's ObservationV2.
 */
export const ObservationV2 = z
  .object({
    id: z.string(),
    traceId: z.string(),
    startTime: Time,
    endTime: Time.nullable(),
    projectId: z.string(),
    parentObservationId: NullableText,
    type: ObservationType,
    isRootObservation: z.boolean().optional().describe("Whether it has no parent."),
    name: NullableText.optional(),
    level: ObservationLevel.optional(),
    statusMessage: NullableText.optional(),
    version: NullableText.optional(),
    environment: z.string().optional(),
    bookmarked: z.boolean().optional(),
    public: z.boolean().optional(),
    userId: NullableText.optional(),
    sessionId: NullableText.optional(),
    completionStartTime: Time.nullable().optional(),
    createdAt: Time.optional(),
    updatedAt: Time.optional(),
    input: NullableText.optional().describe("Raw text: a string as it was sent, anything else as JSON."),
    output: NullableText.optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
    model: NullableText.optional().describe("As `providedModelName`."),
    providedModelName: NullableText.optional(),
    internalModelId: NullableText.optional(),
    modelId: NullableText.describe("`null` without the group `model`, as the prices."),
    modelParameters: z.unknown().optional(),
    inputPrice: NullableText.describe("US dollars for one unit, as decimal text."),
    outputPrice: NullableText,
    totalPrice: NullableText,
    usageDetails: z.record(z.string(), z.number()).optional(),
    costDetails: z.record(z.string(), z.number()).optional(),
    totalCost: NullableUsd.optional(),
    usagePricingTierName: NullableText.optional(),
    promptId: NullableText.optional(),
    promptName: NullableText.optional(),
    promptVersion: z.int().nullable().optional(),
    latency: z.number().nullable().optional(),
    timeToFirstToken: z.number().nullable().optional(),
    traceName: NullableText.optional(),
    tags: z.array(z.string()).optional(),
    release: NullableText.optional(),
  })
  .meta({ id: "ObservationV2" });
export type ObservationV2 = z.infer<typeof ObservationV2>;

export const ObservationV2Page = z.object({
  data: z.array(ObservationV2),
  meta: z.object({ cursor: z.string().optional().describe("Absent on the last page.") }),
});
export type ObservationV2Page = z.infer<typeof ObservationV2Page>;
