import { randomUUID } from "node:crypto";
import {
  noEvents,
  type CanonicalEvents,
  type JsonValue,
  type ObservationType,
  type WrittenAnswer,
} from "@xtrace/contract";
import { parse, readJson, requireScope } from "@xtrace/runtime";
import { Hono } from "hono";
import type { z } from "zod";
import type { GatewayEnv, ProtocolDeps } from "../protocol.ts";
import { toObservationEvent, toTraceEvent, type Written } from "./decode-entities.ts";
import { eventStamp } from "./event-stamp.ts";
import {
  LegacyGenerationBody,
  LegacyGenerationUpdateBody,
  LegacyObservationBody,
  LegacySpanUpdateBody,
} from "./legacy-wire.ts";
import type { RecentTraces } from "./recent-traces.ts";
import { TraceBody, type ObservationBody } from "./wire.ts";

/** Throws BAD_REQUEST that names the fields which are wrong. */
type Decode = (body: JsonValue, at: Omit<Written, "id">) => { readonly id: string; readonly events: CanonicalEvents };

type Write = { readonly method: "POST" | "PATCH"; readonly path: string; readonly decode: Decode };

const WRITES: readonly Write[] = [
  { method: "POST", path: "/api/public/traces", decode: decodeTrace },
  { method: "POST", path: "/api/public/spans", decode: observationDecoder("SPAN", LegacyObservationBody) },
  { method: "PATCH", path: "/api/public/spans", decode: observationDecoder("SPAN", LegacySpanUpdateBody) },
  { method: "POST", path: "/api/public/generations", decode: observationDecoder("GENERATION", LegacyGenerationBody) },
  {
    method: "PATCH",
    path: "/api/public/generations",
    decode: observationDecoder("GENERATION", LegacyGenerationUpdateBody),
  },
  { method: "POST", path: "/api/public/events", decode: observationDecoder("EVENT", LegacyObservationBody) },
];

export type LegacyDeps = ProtocolDeps & { readonly recentTraces: RecentTraces };

/**
 * One trace or observation a request, as Langfuse's clients before version 2 write them. Answers 200 with the id of
 * what was written once the queue has it; a body that cannot be used is a 400 that names its fields.
 *
 * They carry no time of their own, so the time of receipt decides which of two writes to a field stays.
 */
export function legacyRoutes({ accept, reject, limits, nowUs, recentTraces }: LegacyDeps): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  for (const { method, path, decode } of WRITES) {
    app.on(method, path, async (c) => {
      const identity = c.get("identity");
      requireScope(identity, "ingest");
      const { body, bytes } = await readJson(c.req.raw, limits);
      c.set("bodyBytes", bytes.length);
      const timeUs = nowUs();
      const at = { timeUs, stamp: eventStamp(timeUs, { isUpdate: method === "PATCH", place: 0 }) };
      const { id, events } = decodeOrReject(decode, body, at, () => reject(1, "invalid"));
      const { projectId } = identity;
      const observations = await Promise.all(events.observations.map((one) => recentTraces.place(projectId, one)));
      await accept(projectId, { ...events, observations }, bytes.length);
      return c.json({ id } satisfies WrittenAnswer);
    });
  }
  return app;
}

function decodeOrReject(decode: Decode, body: JsonValue, at: Omit<Written, "id">, onRejected: () => void) {
  try {
    return decode(body, at);
  } catch (error) {
    onRejected();
    throw error;
  }
}

function decodeTrace(body: JsonValue, at: Omit<Written, "id">): ReturnType<Decode> {
  const sent = parse(TraceBody, body);
  const id = sent.id ?? newId();
  return { id, events: { ...noEvents(), traces: [toTraceEvent(sent, { ...at, id })] } };
}

function observationDecoder(type: ObservationType, schema: z.ZodType<ObservationBody>): Decode {
  return function decodeObservation(body, at) {
    const sent = parse(schema, body);
    const id = sent.id ?? newId();
    return { id, events: { ...noEvents(), observations: [toObservationEvent(sent, { ...at, id }, { type })] } };
  };
}

/** Two equal writes are two things: an id made from the body would keep one of them. */
function newId(): string {
  return randomUUID();
}
