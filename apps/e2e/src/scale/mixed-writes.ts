import { basicAuth, PROJECT_A } from "../test-system.ts";

/** A generation of a trace. Ids as OTLP has them, which every other protocol takes too. */
export type Generation = {
  readonly id: string;
  readonly traceId: string;
  readonly input: number;
  readonly output: number;
};

type Encode = (generations: readonly Generation[]) => { readonly path: string; readonly body: unknown };

const START = "2026-03-01T10:00:00.000Z";
const START_NANOS = `${Date.parse(START)}000000`;
const MODEL = "gpt-4o";

/** The same generations as each protocol writes them. */
export const ENCODINGS: readonly Encode[] = [
  (generations) => ({
    path: "/v1/l/batch",
    body: {
      observations: generations.map(({ id, traceId, input, output }) => {
        const usageDetails = { input, output };
        return { id, traceId, type: "GENERATION", name: "step", startTime: START, model: MODEL, usageDetails };
      }),
    },
  }),
  (generations) => ({
    path: "/api/public/ingestion",
    body: {
      batch: generations.flatMap(({ id, traceId, input, output }) => {
        const usageDetails = { input, output };
        const generation = { id, traceId, name: "step", startTime: START, model: MODEL, usageDetails };
        return [
          { id: `${id}-t`, type: "trace-create", timestamp: START, body: { id: traceId, name: "contended" } },
          { id: `${id}-g`, type: "generation-create", timestamp: START, body: generation },
        ];
      }),
    },
  }),
  (generations) => ({
    path: "/v1/traces",
    body: {
      resourceSpans: [{ scopeSpans: [{ spans: generations.map(otlpSpan) }] }],
    },
  }),
];

function otlpSpan({ id, traceId, input, output }: Generation) {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  return {
    traceId,
    spanId: id,
    parentSpanId: "00000000000000ff",
    name: "step",
    kind: 1,
    startTimeUnixNano: START_NANOS,
    endTimeUnixNano: START_NANOS,
    attributes: [
      text("langfuse.observation.type", "generation"),
      text("langfuse.observation.model.name", MODEL),
      text("langfuse.observation.usage_details", JSON.stringify({ input, output })),
    ],
  };
}

/** Throws unless the write was acknowledged. */
export async function write(url: string, path: string, body: unknown): Promise<void> {
  const headers = { authorization: basicAuth(PROJECT_A), "content-type": "application/json" };
  const response = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 200)}`);
}
