import { z } from "zod";
import { ErrorDetail } from "../error-code.ts";

/** Of this system's own batches. Items that could not be used are counted, and the first of them are named. */
export const BatchAnswer = z
  .object({
    message: z.string(),
    rejected: z.int().optional().describe("Items that were left out; absent when all were taken."),
    details: z.array(ErrorDetail).readonly().optional(),
  })
  .meta({ id: "BatchAnswer" });
export type BatchAnswer = z.infer<typeof BatchAnswer>;

/** What became of one event; `id` is the event's own, not its entity's. */
const EventSuccess = z.object({ id: z.string(), status: z.literal(201) });
export type EventSuccess = Readonly<z.infer<typeof EventSuccess>>;

const EventError = z.object({
  id: z.string(),
  status: z.literal([400, 401]),
  message: z.string(),
  error: z.string().describe("Field by field, as text. Holds no value of the event."),
});
export type EventError = Readonly<z.infer<typeof EventError>>;

/** Of Langfuse's batches, event by event. */
export const IngestionAnswer = z
  .object({
    successes: z.array(EventSuccess).readonly(),
    errors: z.array(EventError).readonly(),
  })
  .meta({ id: "IngestionAnswer" });
export type IngestionAnswer = z.infer<typeof IngestionAnswer>;

/** Of a write of one thing. */
export const WrittenAnswer = z.object({ id: z.string() }).meta({ id: "WrittenAnswer" });
export type WrittenAnswer = z.infer<typeof WrittenAnswer>;

/** Of a list of scores, all of which were taken. */
export const ScoresTaken = z.object({ message: z.string() }).meta({ id: "ScoresTaken" });
export type ScoresTaken = z.infer<typeof ScoresTaken>;

/** Of a list of scores, not all of which were taken. */
export const ScoresPartlyTaken = z
  .object({
    accepted: z.int(),
    rejected: z.int(),
    errors: z
      .array(z.object({ message: z.string() }))
      .readonly()
      .describe("Which score, and which of its fields."),
  })
  .meta({ id: "ScoresPartlyTaken" });
export type ScoresPartlyTaken = z.infer<typeof ScoresPartlyTaken>;

/** How the signals of OTLP call what they count in a partial success. */
export type RejectedItems = "rejectedSpans" | "rejectedLogRecords" | "rejectedDataPoints";

/**
 * An `Export…ServiceResponse` of OTLP, in protobuf's JSON, where an int64 is a string.
 *
 * Source: opentelemetry-proto 1.x, collector/…/v1/…_service.proto
 */
export function exportAnswer(rejectedItems: RejectedItems) {
  return z.object({
    partialSuccess: z
      .object({ [rejectedItems]: z.string().optional(), errorMessage: z.string() })
      .optional()
      .describe("What was left out and why; absent when all was taken."),
  });
}

/**
 * A failure as OTLP tells it.
 *
 * Source: google/rpc/status.proto, error_details.proto
 */
export const RpcStatus = z
  .object({
    code: z.int().describe("One of google.rpc.Code."),
    message: z.string(),
    details: z
      .array(
        z.object({
          "@type": z.literal("type.googleapis.com/google.rpc.BadRequest"),
          fieldViolations: z.array(z.object({ field: z.string(), description: z.string() })),
        }),
      )
      .optional(),
  })
  .meta({ id: "RpcStatus" });
export type RpcStatus = z.infer<typeof RpcStatus>;
