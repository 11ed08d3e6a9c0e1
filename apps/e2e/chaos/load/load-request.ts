import { createHash } from "node:crypto";
import { partOf, type Part } from "./part.ts";

/** A request as it is sent, any number of times, and what it says. */
export type LoadRequest = {
  readonly path: string;
  readonly body: string;
  readonly parts: readonly Part[];
  /** The parts that an answer of 2xx acknowledges: all, or those that it lists. */
  acknowledged(answer: string): readonly Part[];
};

/** Who sends: ids of different senders never meet, and the same sender's are the same in every run of a seed. */
export type SenderIdentity = { readonly seed: number; readonly name: string };

/** Observations in one request. */
const OBSERVATIONS = 12;
/** So many requests in a row, of all protocols, write to one trace: they meet in one batch, or in two at once. */
const REQUESTS_PER_TRACE = 8;
const INPUT_BYTES = 1_000;
const MODELS = ["gpt-4o", "claude-sonnet-4", "mistral-large"] as const;

/** The `n`th request of a sender. */
export function loadRequest(sender: SenderIdentity, n: number): LoadRequest {
  const build = ROTATION[n % ROTATION.length] as Build;
  return build(sender, n);
}

type Build = (sender: SenderIdentity, n: number) => LoadRequest;

/** `langfuseUpdates` says more of what the request two before it began, and often overtakes it. */
const ROTATION: readonly Build[] = [
  xtraceBatch,
  langfuseCreates,
  otlpSpans,
  langfuseUpdates,
  oneScore,
  xtraceBatch,
  metricPoints,
  otlpSpans,
];

function xtraceBatch(sender: SenderIdentity, n: number): LoadRequest {
  const traceId = traceOf(sender, n);
  const trace = { id: traceId, name: traceName(traceId), timestamp: timeOf(sender, n), userId: `user-${n % 7}` };
  const observations = indices().map((index) => ({
    id: `x-${sender.seed}-${sender.name}-${n}-${index}`,
    traceId,
    type: "GENERATION",
    name: "answer",
    model: modelOf(index),
    startTime: timeOf(sender, n, index),
    endTime: timeOf(sender, n, index + 1),
    level: index === 3 ? "ERROR" : "DEFAULT",
    input: textOf(sender, n, index),
    usageDetails: { input: 100 + index, output: 20 + (n % 13) },
    costDetails: { input: 0.0001 * (index + 1), output: 0.00003 },
  }));
  const parts = [
    partOf("trace", traceId, "name", [trace.name]),
    ...observations.map(({ id, input }) => partOf("observation", id, "input", [traceId, input])),
  ];
  return whole("/v1/l/batch", { trace, observations }, parts);
}

function langfuseCreates(sender: SenderIdentity, n: number): LoadRequest {
  const traceId = traceOf(sender, n);
  const trace = { id: traceId, name: traceName(traceId), timestamp: timeOf(sender, n), tags: ["chaos", `n-${n % 5}`] };
  const events = [
    { type: "trace-create", body: trace, part: partOf("trace", traceId, "name", [trace.name]) },
    ...indices().map((index) => {
      const id = generationId(sender, n, index);
      const body = { id, traceId, name: "step", startTime: timeOf(sender, n, index), input: textOf(sender, n, index) };
      return { type: "generation-create", body, part: partOf("observation", id, "input", [traceId, body.input]) };
    }),
  ];
  return ingestion(sender, n, events);
}

function langfuseUpdates(sender: SenderIdentity, n: number): LoadRequest {
  const begun = n - 2;
  const traceId = traceOf(sender, begun);
  const events = indices().map((index) => {
    const id = generationId(sender, begun, index);
    const output = { role: "assistant", content: `${id} of ${sender.seed}` };
    const usageDetails = { input: 50 + index, output: 7 };
    const body = { id, traceId, endTime: timeOf(sender, n, index), model: modelOf(index), output, usageDetails };
    return { type: "generation-update", body, part: partOf("observation", id, "output", [traceId, output]) };
  });
  return ingestion(sender, n, events);
}

type IngestionEvent = { readonly type: string; readonly body: object; readonly part: Part };

function ingestion(sender: SenderIdentity, n: number, events: readonly IngestionEvent[]): LoadRequest {
  const partOfEvent = new Map<string, Part>();
  const batch = events.map(({ type, body, part }, index) => {
    const id = `event-${sender.seed}-${sender.name}-${n}-${index}`;
    partOfEvent.set(id, part);
    return { id, type, timestamp: timeOf(sender, n, index), body };
  });
  return {
    path: "/api/public/ingestion",
    body: JSON.stringify({ batch }),
    parts: [...partOfEvent.values()],
    acknowledged(answer) {
      const { successes } = JSON.parse(answer) as { successes: ReadonlyArray<{ id: string }> };
      return successes.flatMap(({ id }) => partOfEvent.get(id) ?? []);
    },
  };
}

function otlpSpans(sender: SenderIdentity, n: number): LoadRequest {
  const traceId = traceOf(sender, n);
  const parentSpanId = hexOf(16, [sender, n, "parent"]);
  const spans = indices().map((index) => {
    const startNs = BigInt(Date.parse(timeOf(sender, n, index))) * 1_000_000n;
    const attributes = {
      "langfuse.observation.input": textOf(sender, n, index),
      "gen_ai.request.model": modelOf(index),
    };
    return {
      traceId,
      spanId: hexOf(16, [sender, n, index]),
      parentSpanId,
      name: "span",
      startTimeUnixNano: String(startNs),
      endTimeUnixNano: String(startNs + 5_000_000n),
      attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })),
    };
  });
  const parts = spans.map(({ spanId }, index) =>
    partOf("observation", spanId, "input", [traceId, textOf(sender, n, index)]),
  );
  return whole("/v1/traces", { resourceSpans: [{ scopeSpans: [{ spans }] }] }, parts);
}

function oneScore(sender: SenderIdentity, n: number): LoadRequest {
  const traceId = traceOf(sender, n);
  const id = `score-${sender.seed}-${sender.name}-${n}`;
  const comment = `comment on ${id}`;
  const body = { id, traceId, name: "quality", value: (n % 10) / 10, comment };
  return whole("/api/public/scores", body, [partOf("score", id, "comment", [traceId, comment])]);
}

function metricPoints(sender: SenderIdentity, n: number): LoadRequest {
  const metrics = indices().map((index) => {
    const labels = { point: `m-${sender.seed}-${sender.name}-${n}-${index}` };
    return { name: "chaos_gauge", labels, value: n + index / 16, timestamp: timeOf(sender, n, index) };
  });
  const parts = metrics.map(({ labels, value }) => partOf("metric", labels.point, "value", [value]));
  return whole("/v1/metrics/batch", { metrics }, parts);
}

function whole(path: string, body: object, parts: readonly Part[]): LoadRequest {
  return { path, body: JSON.stringify(body), parts, acknowledged: () => parts };
}

const indices = () => Array.from({ length: OBSERVATIONS }, (_, index) => index);

const modelOf = (index: number) => MODELS[index % MODELS.length] ?? MODELS[0];

/** In OTLP's form, which every protocol takes. */
const traceOf = (sender: SenderIdentity, n: number) => hexOf(32, [sender, Math.floor(n / REQUESTS_PER_TRACE)]);

const traceName = (traceId: string) => `trace ${traceId.slice(0, 8)}`;

const generationId = ({ seed, name }: SenderIdentity, n: number, index: number) => `g-${seed}-${name}-${n}-${index}`;

/** Made from the request's number alone, so that a body is the same whenever it is sent; around a midnight, for the rollups by day. */
function timeOf({ seed }: SenderIdentity, n: number, index = 0): string {
  return new Date(Date.UTC(2026, 2, 1 + (seed % 20), 23, 58) + n * 250 + index * 10).toISOString();
}

function textOf(sender: SenderIdentity, n: number, index: number): string {
  return hexOf(64, [sender, n, index, "text"]).repeat(Math.ceil(INPUT_BYTES / 64));
}

function hexOf(digits: number, of: unknown): string {
  return createHash("sha256").update(JSON.stringify(of)).digest("hex").slice(0, digits);
}
