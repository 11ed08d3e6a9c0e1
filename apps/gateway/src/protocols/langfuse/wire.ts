import { JsonObject, JsonValue } from "@xtrace/contract";
import { z } from "zod";
import { observationLevelOf, observationTypeOf } from "../fields/enums.ts";
import { WireReference, WireTags, WireTime } from "../fields/wire-fields.ts";
import { ScoreBody } from "./score-wire.ts";
import { EntityId, EventId } from "./wire-id.ts";

/*
 * The batch endpoint's events as clients send them. Inputs, outputs and metadata are taken as they
 * are, without a walk.
 *
 * Source: Langfuse's public API, `POST /api/public/ingestion`.
 */

/** The events are judged one by one, later. */
export const IngestionBody = z.compile(z.object({ batch: z.array(z.unknown()) }));

const Text = z.string().nullish();
const Time = WireTime.nullish();

export const TraceBody = z.object({
  id: EntityId.nullish(),
  timestamp: Time,
  name: Text,
  userId: Text,
  sessionId: Text,
  release: Text,
  version: Text,
  externalId: Text,
  environment: Text,
  public: z.boolean().nullish(),
  tags: WireTags.nullish(),
  metadata: JsonValue.optional(),
  input: JsonValue.optional(),
  output: JsonValue.optional(),
});
export type TraceBody = z.infer<typeof TraceBody>;

const Type = z.string().transform((text, context) => {
  const type = observationTypeOf(text);
  if (type) return type;
  context.addIssue({ code: "custom", message: "unknown observation type" });
  return z.NEVER;
});

const Level = z.string().transform((text, context) => {
  const level = observationLevelOf(text);
  if (level) return level;
  context.addIssue({ code: "custom", message: "expected DEBUG, DEFAULT, WARNING or ERROR" });
  return z.NEVER;
});

/** Fields of every kind of observation: a span with a model loses nothing. */
export const observationFields = {
  id: EntityId.nullish(),
  traceId: EntityId.nullish(),
  type: Type.nullish(),
  parentObservationId: WireReference.nullish(),
  name: Text,
  startTime: Time,
  endTime: Time,
  completionStartTime: Time,
  level: Level.nullish(),
  statusMessage: Text,
  version: Text,
  environment: Text,
  model: Text,
  modelParameters: JsonObject.nullish(),
  usage: JsonObject.nullish(),
  usageDetails: JsonObject.nullish(),
  costDetails: JsonObject.nullish(),
  promptName: Text,
  promptVersion: z.union([z.int(), z.string()]).nullish(),
  metadata: JsonValue.optional(),
  input: JsonValue.optional(),
  output: JsonValue.optional(),
};

type Prompt = { readonly promptName?: unknown; readonly promptVersion?: unknown };

/** Half a link leads nowhere. */
function linksPrompt({ promptName, promptVersion }: Prompt): boolean {
  return isSaid(promptName) === isSaid(promptVersion);
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

const promptError = { path: ["promptVersion"], error: "promptName and promptVersion go together" };

const ObservationBody = z.object(observationFields).refine(linksPrompt, promptError);
export type ObservationBody = z.infer<typeof ObservationBody>;

/** An update without an id has nothing to update. */
const ObservationUpdateBody = z.object({ ...observationFields, id: EntityId }).refine(linksPrompt, promptError);

/** The older events do not carry the type in their own name. */
const UntypedObservationBody = z.object({ ...observationFields, type: Type }).refine(linksPrompt, promptError);

/** Compiled: the plain parser makes an object for each field, sent or not, which come to 5 KB for an observation of 1.5 KB. */
function envelopeOf<T extends z.ZodType>(body: T) {
  return z.compile(z.object({ id: EventId, timestamp: WireTime, body }));
}

export const TraceEnvelope = envelopeOf(TraceBody);
export const ScoreEnvelope = envelopeOf(ScoreBody);
export const ObservationEnvelope = envelopeOf(ObservationBody);
export const ObservationUpdateEnvelope = envelopeOf(ObservationUpdateBody);
export const UntypedObservationEnvelope = envelopeOf(UntypedObservationBody);
