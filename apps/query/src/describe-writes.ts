import type { OpenAPIHono, RouteConfig } from "@hono/zod-openapi";
import {
  BatchAnswer,
  ErrorAnswer,
  exportAnswer,
  IngestionAnswer,
  IngestionRefusal,
  RpcStatus,
  ScoresPartlyTaken,
  ScoresTaken,
  WrittenAnswer,
  type RejectedItems,
} from "@xtrace/contract";
import { z } from "zod";
import { json } from "./openapi.ts";
import type { QueryEnv } from "./routes/route.ts";

const ERRORS = {
  400: "Nothing of the body can be used; `details` names what is wrong.",
  401: "No valid key.",
  403: "The key may not write, or the data names another project.",
  413: "The body is too large, as sent or unpacked.",
  415: "The body has a type or an encoding that is not read here.",
  429: "Too many requests or bytes of this key; `Retry-After` says when to come back.",
  503: "The queue is full or away; `Retry-After` says when to come back. Nothing is lost by sending the same again.",
} as const;

const PROTOBUF_TYPES = ["application/x-protobuf", "application/protobuf"] as const;

/** Items are judged one by one, so what they may hold is not for a schema to refuse. */
const Item = z.looseObject({});

const BATCHES = [
  {
    path: "/v1/l/batch",
    summary: "Write a trace and observations",
    body: z.object({ trace: Item.nullish(), observations: z.array(Item).nullish() }),
  },
  {
    path: "/v1/metrics/batch",
    summary: "Write points of metrics",
    body: z.object({ metrics: z.array(Item).nullish() }),
  },
];

/** Source: Langfuse's clients before version 2. */
const SINGLE_WRITES = [
  { method: "post", path: "/api/public/traces", summary: "Write a trace" },
  { method: "post", path: "/api/public/spans", summary: "Write a span" },
  { method: "patch", path: "/api/public/spans", summary: "Change a span" },
  { method: "post", path: "/api/public/generations", summary: "Write a generation" },
  { method: "patch", path: "/api/public/generations", summary: "Change a generation" },
  { method: "post", path: "/api/public/events", summary: "Write an event" },
] as const;

const SIGNALS = [
  { name: "traces", resources: "resourceSpans", rejectedItems: "rejectedSpans" },
  { name: "logs", resources: "resourceLogs", rejectedItems: "rejectedLogRecords" },
  { name: "metrics", resources: "resourceMetrics", rejectedItems: "rejectedDataPoints" },
] as const satisfies ReadonlyArray<{ name: string; resources: string; rejectedItems: RejectedItems }>;

/** What the gateway serves at the same address: described here, so that clients find one description of all. */
export function describeWrites(registry: OpenAPIHono<QueryEnv>["openAPIRegistry"]): void {
  const described = [...batches(), ingestion(), scores(), ...singleWrites(), ...otlpExports()];
  for (const route of described) registry.registerPath({ tags: ["writes"], ...route });
}

function batches(): RouteConfig[] {
  return BATCHES.map(({ path, summary, body }) => ({
    method: "post",
    path,
    summary,
    request: jsonBody(body),
    responses: { 200: json("The queue has all that `details` does not name.", BatchAnswer), ...errors() },
  }));
}

function ingestion(): RouteConfig {
  return {
    method: "post",
    path: "/api/public/ingestion",
    summary: "Write a batch of events, each of which stands or falls alone",
    request: jsonBody(z.object({ batch: z.array(z.unknown()), metadata: z.unknown().optional() })),
    responses: {
      207: json("The queue has every event that is listed as a success.", IngestionAnswer),
      ...errors(),
      400: json(ERRORS[400], IngestionRefusal),
    },
  };
}

function scores(): RouteConfig {
  return {
    method: "post",
    path: "/api/public/scores",
    summary: "Write a score, or a list of scores",
    request: jsonBody(z.union([Item, z.array(z.unknown())])),
    responses: {
      200: json("The queue has the score.", WrittenAnswer),
      202: json("The queue has all scores of the list.", ScoresTaken),
      207: json("The queue has those scores of the list that are in order.", ScoresPartlyTaken),
      ...errors(),
    },
  };
}

function singleWrites(): RouteConfig[] {
  return SINGLE_WRITES.map((write) => ({
    ...write,
    description: "As clients of Langfuse before version 2 write. An id is made where there is none.",
    request: jsonBody(Item),
    responses: { 200: json("The queue has it.", WrittenAnswer), ...errors() },
  }));
}

function otlpExports(): RouteConfig[] {
  return SIGNALS.flatMap(({ name, resources, rejectedItems }) =>
    [`/api/public/otel/v1/${name}`, `/v1/${name}`].map((path): RouteConfig => {
      const failures = Object.entries(ERRORS).map(([status, text]) => [status, inBothEncodings(text, RpcStatus)]);
      return {
        method: "post",
        path,
        summary: `Export ${name} by OTLP/HTTP`,
        request: {
          body: { content: inBothEncodings("", z.object({ [resources]: z.array(Item).optional() })).content },
        },
        responses: {
          200: inBothEncodings("The queue has all that was not left out.", exportAnswer(rejectedItems)),
          ...(Object.fromEntries(failures) as RouteConfig["responses"]),
        },
      };
    }),
  );
}

/** OTLP answers in the encoding of the request, and in JSON one that has neither. */
function inBothEncodings(description: string, schema: z.ZodType) {
  const binary = { schema: z.string().meta({ format: "binary" }) };
  const protobuf = Object.fromEntries(PROTOBUF_TYPES.map((type) => [type, binary]));
  return { description, content: { "application/json": { schema }, ...protobuf } };
}

function jsonBody(schema: z.ZodType) {
  return { body: { required: true, content: { "application/json": { schema } } } };
}

function errors() {
  return Object.fromEntries(Object.entries(ERRORS).map(([status, text]) => [status, json(text, ErrorAnswer)]));
}
