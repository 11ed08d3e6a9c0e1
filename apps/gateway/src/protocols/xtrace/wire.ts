import { JsonObject, JsonValue, LIMITS, NonEmptyText } from "@xtrace/contract";
import { z } from "zod";
import { cutName, cutText } from "../fields/cut-text.ts";
import { isAmount, isCount } from "../fields/usage.ts";
import { WireReference, WireTags, WireTime } from "../fields/wire-fields.ts";

/*
 * The native endpoints' fields, by their camelCase names; see read-fields.ts for the other spellings
 * and for `null`.
 *
 * What clients send and the server computes itself (latency, total cost of a trace, time to first
 * token) or has no use for (the id of a model's price) is not listed and so ignored.
 *
 * Source: the Rust system's batch body. Ids are any text, where it took UUIDs only.
 */

const Text = z.string().optional();
const Time = WireTime.optional();
const Count = z.custom<number>(isCount, { error: "expected a whole number from 0" });
const Dollars = z.custom<number>(isAmount, { error: "expected a number from 0" });

export const BatchBody = z.compile(
  z.object({
    trace: JsonValue.optional(),
    observations: z.array(JsonValue).nullish(),
  }),
);

export const TraceFields = z.object({
  id: WireReference.optional(),
  timestamp: Time,
  name: Text,
  input: JsonValue.optional(),
  output: JsonValue.optional(),
  sessionId: Text,
  release: Text,
  version: Text,
  userId: Text,
  metadata: JsonValue.optional(),
  tags: WireTags.optional(),
  public: z.boolean().optional(),
  environment: Text,
  externalId: Text,
  bookmarked: z.boolean().optional(),
});
export type TraceFields = z.infer<typeof TraceFields>;

export const ObservationFields = z
  .object({
    id: WireReference.optional(),
    traceId: WireReference.optional(),
    type: Text,
    name: Text,
    startTime: Time,
    endTime: Time,
    completionStartTime: Time,
    model: Text,
    modelParameters: JsonValue.optional(),
    input: JsonValue.optional(),
    output: JsonValue.optional(),
    usage: JsonValue.optional(),
    usageDetails: JsonObject.optional(),
    costDetails: JsonObject.optional(),
    level: Text,
    statusMessage: Text,
    version: Text,
    parentObservationId: WireReference.optional(),
    promptId: Text,
    promptName: Text,
    promptVersion: z.union([z.string(), z.number()]).optional(),
    inputPrice: Dollars.optional(),
    outputPrice: Dollars.optional(),
    totalPrice: Dollars.optional(),
    calculatedInputCost: Dollars.optional(),
    calculatedOutputCost: Dollars.optional(),
    calculatedTotalCost: Dollars.optional(),
    promptTokens: Count.optional(),
    completionTokens: Count.optional(),
    totalTokens: Count.optional(),
    unit: Text,
    metadata: JsonValue.optional(),
    environment: Text,
  })
  .refine(saysAnything, { error: "says nothing" });
export type ObservationFields = z.infer<typeof ObservationFields>;

function saysAnything(fields: Readonly<Record<string, unknown>>): boolean {
  for (const name in fields) if (fields[name] !== undefined) return true;
  return false;
}

export const MetricsBody = z.compile(z.object({ metrics: z.array(JsonValue).nullish() }));

/** Labels are compared as text, whatever they were sent as. */
const Labels = JsonObject.transform((labels, context) => {
  const entries: Array<[string, string]> = [];
  for (const [key, value] of Object.entries(labels)) {
    if (value === null) continue;
    if (typeof value === "object") {
      context.addIssue({ code: "custom", path: [cutText(key, 64)], message: "expected a text, a number or a boolean" });
      return z.NEVER;
    }
    entries.push([cutName(key), cutName(String(value))]);
  }
  if (entries.length <= LIMITS.maxMetricLabels) return Object.fromEntries(entries);
  context.addIssue({ code: "custom", message: `more than ${LIMITS.maxMetricLabels} labels` });
  return z.NEVER;
});

export const MetricFields = z.object({
  name: NonEmptyText,
  labels: Labels.optional(),
  value: z.number(),
  timestamp: WireTime,
  environment: Text,
});
export type MetricFields = z.infer<typeof MetricFields>;
