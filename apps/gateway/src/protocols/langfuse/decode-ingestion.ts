import {
  isJsonObject,
  LIMITS,
  noEvents,
  type CanonicalEvents,
  type EventError,
  type EventSuccess,
  type JsonValue,
} from "@xtrace/contract";
import { detailsOf, parse } from "@xtrace/runtime";
import type { z } from "zod";
import { cutText } from "../fields/cut-text.ts";
import { idFromText } from "../fields/derived-id.ts";
import { refuseTooManyBad } from "../fields/rejections.ts";
import { toObservationEvent, toScoreEvent, toTraceEvent, type Written } from "./decode-entities.ts";
import { EVENT_KINDS, type EventKind } from "./event-kinds.ts";
import { eventStamp } from "./event-stamp.ts";
import {
  IngestionBody,
  ObservationEnvelope,
  ObservationUpdateEnvelope,
  ScoreEnvelope,
  TraceEnvelope,
  UntypedObservationEnvelope,
} from "./wire.ts";

export type DecodedIngestion = {
  readonly events: CanonicalEvents;
  readonly successes: readonly EventSuccess[];
  readonly errors: readonly EventError[];
  /** Messages of SDKs about themselves. They are nobody's data and appear in no answer. */
  readonly logCount: number;
};

/**
 * A batch, event by event: each stands or falls alone. Throws BAD_REQUEST when there is no batch, or
 * when nearly nothing in it is one: see rejections.ts.
 *
 * Events are emitted as they come; which of two writes to one entity wins is left to their stamps.
 */
export function decodeIngestion(body: JsonValue, options: { readonly scoresOnly: boolean }): DecodedIngestion {
  const { batch } = parse(IngestionBody, body);
  const events = noEvents();
  const successes: EventSuccess[] = [];
  const errors: EventError[] = [];
  let logCount = 0;
  const writtenBy = placeWrites();
  for (const event of batch) {
    const outcome = decodeEvent(event, options.scoresOnly, events, writtenBy);
    if (outcome === "log") logCount += 1;
    else if (outcome.status === 201) successes.push(outcome);
    else errors.push(outcome);
    refuseTooManyBad(errors.length);
  }
  return { events, successes, errors, logCount };
}

/** Adds to `events` what the event writes. */
function decodeEvent(
  event: unknown,
  scoresOnly: boolean,
  events: CanonicalEvents,
  writtenBy: PlaceWrite,
): EventSuccess | EventError | "log" {
  const kind = kindOf(event);
  if (!kind) return invalid(event, "type: unknown event type");
  if (scoresOnly && kind.entity !== "score" && kind.entity !== "log") return denied(event);
  switch (kind.entity) {
    case "trace":
      return decodeAs(TraceEnvelope, event, (parsed) => {
        events.traces.push(toTraceEvent(parsed.body, writtenBy(parsed, kind)));
      });
    case "observation":
      return decodeAs(observationEnvelopeOf(kind), event, (parsed) => {
        events.observations.push(toObservationEvent(parsed.body, writtenBy(parsed, kind), kind));
      });
    case "score":
      return decodeAs(ScoreEnvelope, event, (parsed) => {
        events.scores.push(toScoreEvent(parsed.body, writtenBy(parsed, kind)));
      });
    case "log":
      return "log";
  }
}

function kindOf(event: unknown): EventKind | undefined {
  return isJsonObject(event) && typeof event["type"] === "string" ? EVENT_KINDS.get(event["type"]) : undefined;
}

function observationEnvelopeOf({ verb, type }: EventKind & { entity: "observation" }) {
  if (verb === "update") return ObservationUpdateEnvelope;
  return type === undefined ? UntypedObservationEnvelope : ObservationEnvelope;
}

type Envelope = {
  readonly id: string;
  readonly timestamp: number;
  readonly body: { readonly id?: string | null | undefined };
};

function decodeAs<T extends Envelope>(
  schema: z.ZodType<T>,
  event: unknown,
  emit: (parsed: T) => void,
): EventSuccess | EventError {
  const parsed = schema.safeParse(event);
  if (!parsed.success) {
    const fields = detailsOf(parsed.error).map(({ path, message }) => `${path}: ${message}`);
    return invalid(event, fields.join("; "));
  }
  emit(parsed.data);
  return { id: parsed.data.id, status: 201 };
}

type PlaceWrite = (event: Envelope, kind: EventKind) => Written;

/**
 * Says what each event of a batch writes, counting the writes to one entity.
 * An entity without an id gets one from the event's, so that a re-sent batch writes it once.
 */
function placeWrites(): PlaceWrite {
  const places = new Map<string, number>();
  return (event, kind) => {
    const id = event.body.id ?? idFromText(`${kind.entity} ${event.id}`);
    const entity = `${kind.entity} ${id}`;
    const place = places.get(entity) ?? 0;
    places.set(entity, place + 1);
    const isUpdate = kind.entity === "observation" && kind.verb === "update";
    return { id, timeUs: event.timestamp, stamp: eventStamp(event.timestamp, { isUpdate, place }) };
  };
}

function invalid(event: unknown, error: string): EventError {
  return { id: idOf(event), status: 400, message: "Invalid request data", error };
}

function denied(event: unknown): EventError {
  return { id: idOf(event), status: 401, message: "Authentication error", error: "Access Scope Denied" };
}

/** As much of an id as the event has, so that the sender finds it again; "unknown" as Langfuse says it. */
function idOf(event: unknown): string {
  const id = isJsonObject(event) ? event["id"] : undefined;
  return typeof id === "string" ? cutText(id, LIMITS.maxIdLength) : "unknown";
}
