import { expect } from "vitest";
import type { Api } from "./api.ts";

/** A stretch of hexadecimal, so that OTLP ids can carry it too. */
const ID_MARK = "feedfacecafe";

/** The ids of a data set: known to its writer, and here to somebody else who must gain nothing by it. */
export const IDS = {
  nativeTrace: `trace-${ID_MARK}`,
  nativeObservation: `observation-${ID_MARK}`,
  langfuseTrace: `lf-trace-${ID_MARK}`,
  langfuseObservation: `lf-observation-${ID_MARK}`,
  score: `score-${ID_MARK}`,
  sessionScore: `session-score-${ID_MARK}`,
  otlpTrace: `${ID_MARK}00000000000000000001`,
  otlpSpan: `${ID_MARK}0001`,
  datasetItem: `item-${ID_MARK}`,
} as const;

/** What fills every field that is not an id. */
export type Mark = { readonly text: string; readonly number: number };

const DAY = "2026-03-01";
export const RANGE = { from: `${DAY}T00:00:00Z`, to: "2026-03-02T00:00:00Z" } as const;

/** Writes the same ids through every protocol, each field filled with the mark. */
export async function writeMarked(api: Api, mark: Mark): Promise<void> {
  const { text, number } = mark;
  const at = `${DAY}T10:00:00.000Z`;
  const io = { input: { [text]: text }, output: text, metadata: { [text]: text, m: text } };
  const traceFields = {
    name: text,
    userId: text,
    sessionId: text,
    tags: [text],
    release: text,
    version: text,
    environment: text,
    ...io,
  };
  const generation = {
    name: text,
    model: text,
    modelParameters: { [text]: text },
    statusMessage: text,
    version: text,
    environment: text,
    startTime: at,
    endTime: `${DAY}T10:00:01.000Z`,
    promptName: text,
    promptVersion: number,
    usageDetails: { input: number, [`input_${text}`]: 1 },
    costDetails: { total: number },
    ...io,
  };
  const score = {
    name: text,
    comment: text,
    metadata: { m: text },
    environment: text,
    configId: text,
    value: text,
    dataType: "CATEGORICAL",
  };
  const event = (id: string, type: string, body: object) => ({ id: `${id}-${text}`, type, timestamp: at, body });
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const span = {
    traceId: IDS.otlpTrace,
    spanId: IDS.otlpSpan,
    name: text,
    startTimeUnixNano: String(Date.parse(at) * 1e6),
    endTimeUnixNano: String((Date.parse(at) + 1_000) * 1e6),
    attributes: [
      "langfuse.trace.name",
      "user.id",
      "session.id",
      "langfuse.trace.tags",
      "input.value",
      "custom",
      "langfuse.environment",
      "gen_ai.request.model",
    ].map((key) => attribute(key, text)),
  };
  const requests: ReadonlyArray<readonly [path: string, body: object]> = [
    [
      "/v1/l/batch",
      {
        trace: { id: IDS.nativeTrace, timestamp: at, externalId: text, ...traceFields },
        observations: [{ id: IDS.nativeObservation, ...generation, promptId: text, unit: text }],
      },
    ],
    [
      "/v1/metrics/batch",
      { metrics: [{ name: text, labels: { [text]: text }, value: number, timestamp: at, environment: text }] },
    ],
    [
      "/api/public/ingestion",
      {
        batch: [
          event("t", "trace-create", { id: IDS.langfuseTrace, timestamp: at, ...traceFields }),
          event("g", "generation-create", { id: IDS.langfuseObservation, traceId: IDS.langfuseTrace, ...generation }),
          event("s", "score-create", {
            id: IDS.score,
            traceId: IDS.langfuseTrace,
            observationId: IDS.langfuseObservation,
            ...score,
          }),
        ],
      },
    ],
    ["/api/public/scores", { id: IDS.sessionScore, sessionId: text, ...score }],
    [
      "/v1/traces",
      {
        resourceSpans: [
          {
            resource: { attributes: [attribute("service.name", text)] },
            scopeSpans: [{ scope: { name: text }, spans: [span] }],
          },
        ],
      },
    ],
  ];
  for (const [path, body] of requests) {
    const answer = await api.post(path, body);
    expect([200, 207], `${path}: ${answer.text}`).toContain(answer.status);
    expect(answer.body?.errors ?? [], path).toEqual([]);
  }
}

/** Everything of the data set, as its owner reads it. Throws while something is missing. */
export async function readMarked(api: Api, mark: Mark): Promise<Record<string, unknown>> {
  const encoded = encodeURIComponent(mark.text);
  const paths = [
    `traces/${IDS.nativeTrace}`,
    `traces/${IDS.langfuseTrace}`,
    `traces/${IDS.otlpTrace}`,
    `observations/${IDS.nativeObservation}`,
    `observations/${IDS.langfuseObservation}`,
    `observations/${IDS.otlpSpan}`,
    `v2/scores/${IDS.score}`,
    `v2/scores/${IDS.sessionScore}`,
    `sessions/${encoded}`,
    "metrics/names",
    `metrics/query?name=${encoded}&from=${RANGE.from}&to=${RANGE.to}&step=1d`,
    `v2/prompts/${encoded}`,
    `v2/datasets/${encoded}`,
    `dataset-items/${IDS.datasetItem}`,
    `datasets/${encoded}/runs/${encoded}`,
    `experiments?fromStartTime=${RANGE.from}`,
    "annotation-queues",
    `metrics/daily?fromTimestamp=${RANGE.from}&toTimestamp=${RANGE.to}`,
  ];
  const bodies = await Promise.all(paths.map((path) => api.read(`/api/public/${path}`)));
  const found = Object.fromEntries(paths.map((path, index) => [path, bodies[index]]));
  for (const [path, body] of Object.entries(found)) {
    if (!JSON.stringify(body).includes(mark.text)) throw new Error(`${path} has nothing of it yet`);
  }
  const { countTraces } = found[`sessions/${encoded}`];
  const [day] = bodies.at(-1).data;
  if (Math.min(countTraces, day.countTraces) < 3) {
    throw new Error(`the session has ${countTraces} traces and the day ${day.countTraces}, not yet 3`);
  }
  return found;
}
