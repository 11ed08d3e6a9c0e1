import { JsonValue, LIMITS, NonEmptyText, ScoreDataType, ScoreSource } from "@xtrace/contract";
import { z } from "zod";
import { WireReference, WireTime } from "../fields/wire-fields.ts";
import { EntityId } from "./wire-id.ts";

const Text = z.string().nullish();

/**
 * A score as clients send it, alone or in a batch; parsed with its value typed.
 *
 * Source: Langfuse's public API, `POST /api/public/scores`.
 */
export const ScoreBody = z
  .object({
    id: EntityId.nullish(),
    name: NonEmptyText,
    value: z.union([z.number(), z.string(), z.boolean()]),
    dataType: ScoreDataType.nullish(),
    traceId: WireReference.nullish(),
    observationId: WireReference.nullish(),
    sessionId: Text,
    datasetRunId: WireReference.nullish(),
    source: ScoreSource.nullish(),
    comment: Text,
    metadata: JsonValue.optional(),
    environment: Text,
    configId: Text,
    queueId: Text,
    timestamp: WireTime.nullish(),
  })
  .transform((body, context) => {
    if (!body.traceId && !body.sessionId && !body.datasetRunId) {
      context.addIssue({
        code: "custom",
        path: ["traceId"],
        message: "traceId, sessionId or datasetRunId is required",
      });
    }
    if (body.observationId && !body.traceId) {
      context.addIssue({ code: "custom", path: ["observationId"], message: "needs the traceId too" });
    }
    const typed = typedValue(body.value, body.dataType ?? inferredType(body.value));
    if (typeof typed !== "string") return Object.assign(body, { typed });
    context.addIssue({ code: "custom", path: ["value"], message: typed });
    return z.NEVER;
  });
export type ScoreBody = z.infer<typeof ScoreBody>;

type SentValue = number | string | boolean;

type TypedValue = {
  readonly dataType: ScoreDataType;
  readonly value: number | null;
  readonly stringValue: string | null;
};

function inferredType(value: SentValue): ScoreDataType {
  if (typeof value === "boolean") return "BOOLEAN";
  return typeof value === "number" ? "NUMERIC" : "CATEGORICAL";
}

/** The value as its type stores it, or what is wrong with it. */
function typedValue(value: SentValue, dataType: ScoreDataType): TypedValue | string {
  switch (dataType) {
    case "NUMERIC":
      return typeof value === "number" ? { dataType, value, stringValue: null } : "must be a number for NUMERIC";
    case "BOOLEAN": {
      const bit = Number(value);
      if (typeof value === "string" || (bit !== 0 && bit !== 1)) return "must be 0 or 1 for BOOLEAN";
      return { dataType, value: bit, stringValue: bit === 1 ? "True" : "False" };
    }
    case "TEXT":
      if (typeof value !== "string" || value.length === 0 || value.length > LIMITS.maxScoreTextLength) {
        return `must be a text of 1 to ${LIMITS.maxScoreTextLength} characters for TEXT`;
      }
      return { dataType, value: null, stringValue: value };
    case "CATEGORICAL":
    case "CORRECTION":
      if (typeof value !== "string") return `must be a text for ${dataType}`;
      return { dataType, value: null, stringValue: value };
  }
}
