import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import type { Answer } from "../api.ts";
import { numbered, SERIAL, type ExpectedRow, type FuzzRequest, type MakeRequest } from "./fuzz-request.ts";
import { jsonText, mutated } from "./json-text.ts";

const NOW = '"2026-03-01T10:00:00.000Z"';
const JSON_TYPE = { "Content-Type": "application/json" };

const quoted = (value: string) => JSON.stringify(value);

const TRACE = {
  timestamp: NOW,
  name: '"n"',
  userId: '"u"',
  sessionId: '"s"',
  release: '"r"',
  version: '"v"',
  environment: '"prod"',
  input: '{"a":[1,"x"]}',
  output: '"o"',
  metadata: '{"m":{"n":1}}',
  tags: '["t"]',
  public: "true",
};
const OBSERVATION = {
  traceId: quoted(`f-${SERIAL}-t`),
  type: '"GENERATION"',
  name: '"n"',
  startTime: NOW,
  endTime: NOW,
  completionStartTime: NOW,
  model: '"gpt-4o"',
  modelParameters: '{"t":0.5}',
  input: '[{"role":"user","content":"hi"}]',
  output: '"o"',
  metadata: '{"m":1}',
  level: '"DEFAULT"',
  statusMessage: '"s"',
  parentObservationId: '"p"',
  version: '"v"',
  environment: '"prod"',
  promptName: '"p"',
  promptVersion: "1",
  usage: '{"input":1,"output":2}',
  usageDetails: '{"input":1,"output":2}',
  costDetails: '{"input":0.1}',
};
const SCORE = {
  traceId: quoted(`f-${SERIAL}-t`),
  name: '"s"',
  value: "1",
  dataType: '"NUMERIC"',
  comment: '"c"',
  metadata: '{"m":1}',
  environment: '"prod"',
};

type Table = ExpectedRow["table"];

/** A hostile item with the id `f-SERIAL-label`, and that id as long as the item has it. */
type Item = { readonly text: string; readonly table: Table; readonly label: string; readonly isNamed: boolean };

function item(fields: Readonly<Record<string, string>>, table: Table, label: string): fc.Arbitrary<Item> {
  return mutated({ id: quoted(`f-${SERIAL}-${label}`), ...fields }).map(({ text, intact }) => ({
    text,
    table,
    label,
    isNamed: intact.has("id"),
  }));
}

const rowId = (serial: number, label: string) => `f-${serial}-${label}`;

/** Sent as it is, in gzip, or under a name that it does not deserve. */
type Envelope = "plain" | "gzip" | "claims gzip" | "claims br" | "claims text";

const envelope: fc.Arbitrary<Envelope> = fc.oneof(
  { weight: 90, arbitrary: fc.constant<Envelope>("plain") },
  { weight: 7, arbitrary: fc.constant<Envelope>("gzip") },
  { weight: 3, arbitrary: fc.constantFrom<Envelope>("claims gzip", "claims br", "claims text") },
);

function inEnvelope(how: Envelope, path: string, body: string): Omit<FuzzRequest, "rows"> {
  const base = { method: "POST", path } as const;
  if (how === "gzip") return { ...base, headers: { ...JSON_TYPE, "Content-Encoding": "gzip" }, body: gzipSync(body) };
  if (how === "claims gzip") return { ...base, headers: { ...JSON_TYPE, "Content-Encoding": "gzip" }, body };
  if (how === "claims br") return { ...base, headers: { ...JSON_TYPE, "Content-Encoding": "br" }, body };
  if (how === "claims text") return { ...base, headers: { "Content-Type": "text/plain" }, body };
  return { ...base, headers: JSON_TYPE, body };
}

/** Whether none of the refused items' paths is `path`. */
function isKept({ status, body }: Answer, path: string): boolean {
  if (status !== 200) return false;
  const details: ReadonlyArray<{ path: string }> = body?.details ?? [];
  return !details.some((detail) => detail.path === path || detail.path.startsWith(`${path}.`));
}

const xtraceBatch: fc.Arbitrary<MakeRequest> = fc
  .tuple(
    item(TRACE, "traces", "t"),
    fc.array(item({ ...OBSERVATION, promptTokens: "3", unit: '"TOKENS"' }, "observations", "o"), { maxLength: 1 }),
    envelope,
  )
  .map(([trace, observations, how]) => (serial) => {
    const good = `{"id":"f-${SERIAL}-good","traceId":"f-${SERIAL}-t"}`;
    const texts = [...observations.map(({ text }) => text), good];
    const body = numbered(`{"trace":${trace.text},"observations":[${texts.join(",")}]}`, serial);
    const row = ({ table, label }: Pick<Item, "table" | "label">, path: string): ExpectedRow => ({
      table,
      id: rowId(serial, label),
      isAccepted: (answer) => isKept(answer, path),
    });
    return {
      ...inEnvelope(how, "/v1/l/batch", body),
      rows: [
        ...(trace.isNamed ? [row(trace, "trace")] : []),
        ...observations.filter(({ isNamed }) => isNamed).map((each) => row(each, "observations.0")),
      ],
      neighbour: row({ table: "observations", label: "good" }, `observations.${observations.length}`),
    };
  });

const xtraceMetrics: fc.Arbitrary<MakeRequest> = fc
  .tuple(mutated({ name: '"m"', value: "1.5", timestamp: NOW, labels: '{"a":"b"}', environment: '"e"' }), envelope)
  .map(([point, how]) => (serial) => {
    const good = `{"name":"f-${SERIAL}-good","value":1,"timestamp":${NOW}}`;
    const body = numbered(`{"metrics":[${point.text},${good}]}`, serial);
    return {
      ...inEnvelope(how, "/v1/metrics/batch", body),
      rows: [],
      neighbour: {
        table: "metrics",
        id: rowId(serial, "good"),
        isAccepted: (answer) => isKept(answer, "metrics.1"),
      },
    };
  });

const EVENTS: ReadonlyArray<readonly [type: string, table: Table, fields: Readonly<Record<string, string>>]> = [
  ["trace-create", "traces", TRACE],
  ["span-create", "observations", OBSERVATION],
  ["span-update", "observations", OBSERVATION],
  ["generation-create", "observations", OBSERVATION],
  ["generation-update", "observations", OBSERVATION],
  ["event-create", "observations", OBSERVATION],
  ["tool-create", "observations", OBSERVATION],
  ["score-create", "scores", SCORE],
];

const isSuccess = ({ status, body }: Answer, eventId: string) =>
  status === 207 && (body?.successes ?? []).some((success: { id?: unknown }) => success.id === eventId);

function langfuseEvent(index: number) {
  return fc.constantFrom(...EVENTS).chain(([type, table, fields]) =>
    fc
      .tuple(
        item(fields, table, `e${index}`),
        mutated({ id: quoted(`e-${SERIAL}-${index}`), type: quoted(type), timestamp: NOW, body: "@body@" }),
      )
      .map(([body, event]) => ({
        text: event.text.replace("@body@", () => body.text),
        table,
        index,
        isNamed: body.isNamed && ["id", "type", "body"].every((field) => event.intact.has(field)),
      })),
  );
}

const langfuseIngestion: fc.Arbitrary<MakeRequest> = fc
  .tuple(langfuseEvent(0), langfuseEvent(1), fc.option(jsonText, { freq: 5 }), envelope)
  .map(([first, second, metadata, how]) => (serial) => {
    const good = `{"id":"e-${SERIAL}-good","type":"span-create","timestamp":${NOW},"body":{"id":"f-${SERIAL}-good","traceId":"f-${SERIAL}-t"}}`;
    const more = metadata === null ? "" : `,"metadata":${metadata}`;
    const body = numbered(`{"batch":[${first.text},${good},${second.text}]${more}}`, serial);
    return {
      ...inEnvelope(how, "/api/public/ingestion", body),
      rows: [first, second]
        .filter(({ isNamed }) => isNamed)
        .map(({ table, index }) => ({
          table,
          id: rowId(serial, `e${index}`),
          isAccepted: (answer) => isSuccess(answer, `e-${serial}-${index}`),
        })),
      neighbour: {
        table: "observations",
        id: rowId(serial, "good"),
        isAccepted: (answer) => isSuccess(answer, `e-${serial}-good`),
      },
    };
  });

const langfuseScores: fc.Arbitrary<MakeRequest> = fc
  .tuple(item(SCORE, "scores", "s"), fc.boolean(), envelope)
  .map(([score, isList, how]) => (serial) => {
    const good = `{"id":"f-${SERIAL}-good","name":"s","value":1,"traceId":"f-${SERIAL}-t"}`;
    const body = numbered(isList ? `[${score.text},${good}]` : score.text, serial);
    const isTaken = ({ status, body: said }: Answer) => status === 202 || (status === 207 && said.accepted > 0);
    return {
      ...inEnvelope(how, "/api/public/scores", body),
      rows: score.isNamed
        ? [
            {
              table: "scores",
              id: rowId(serial, "s"),
              isAccepted: ({ status }) => status === (isList ? 202 : 200),
            },
          ]
        : [],
      ...(isList && { neighbour: { table: "scores", id: rowId(serial, "good"), isAccepted: isTaken } }),
    };
  });

const ATTRIBUTES = ["input.value", "langfuse.observation.usage_details", "gen_ai.usage.input_tokens", "tag.tags", "k"];

const otlpSpan = fc
  .tuple(fc.array(fc.tuple(fc.constantFrom(...ATTRIBUTES), jsonText, fc.boolean()), { maxLength: 4 }), jsonText)
  .chain(([attributes, value]) =>
    mutated({
      traceId: quoted("f00d@hex@"),
      spanId: quoted("bad0@hex12@"),
      parentSpanId: '"0000000000000001"',
      name: '"n"',
      kind: "1",
      startTimeUnixNano: '"1772359200000000000"',
      endTimeUnixNano: '"1772359200500000000"',
      attributes: `[${attributes
        .map(([name, text, isText]) =>
          isText
            ? `{"key":${quoted(name)},"value":{"stringValue":${text}}}`
            : `{"key":${quoted(name)},"value":${text}}`,
        )
        .join(",")}]`,
      status: '{"code":2,"message":"m"}',
      events: `[{"name":"e","timeUnixNano":"1","attributes":${value}}]`,
      links: "[]",
      traceState: '""',
      flags: "257",
    }),
  );

const hex = (serial: number, digits: number) => serial.toString(16).padStart(digits, "0");

const otlpJson: fc.Arbitrary<MakeRequest> = fc
  .tuple(otlpSpan, fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: jsonText }), envelope)
  .map(([span, resource, how]) => (serial) => {
    const good = `{"traceId":"f00d@hex@","spanId":"900d@hex12@","name":"good","startTimeUnixNano":"1772359200000000000"}`;
    const more = resource === null ? "" : `"resource":${resource},`;
    const body =
      `{"resourceSpans":[{${more}"scopeSpans":[{"spans":[${span.text}]}]},{"scopeSpans":[{"spans":[${good}]}]}]}`
        .replaceAll("@hex@", hex(serial, 28))
        .replaceAll("@hex12@", hex(serial, 12));
    return {
      ...inEnvelope(how, "/v1/traces", body),
      rows: [],
      neighbour: {
        table: "observations",
        id: `900d${hex(serial, 12)}`,
        isAccepted: ({ status, body: said }) => status === 200 && Number(said?.partialSuccess?.rejectedSpans ?? 0) < 2,
      },
    };
  });

const EVENT_NAMES = [
  "gen_ai.user.message",
  "gen_ai.choice",
  "gen_ai.client.inference.operation.details",
  "gen_ai.evaluation.result",
  "other",
];

const otlpRecord = fc.tuple(fc.constantFrom(...EVENT_NAMES), jsonText, jsonText).chain(([eventName, body, value]) =>
  mutated({
    traceId: quoted("f00d@hex@"),
    spanId: quoted("bad1@hex12@"),
    eventName: quoted(eventName),
    timeUnixNano: '"1772359200000000000"',
    observedTimeUnixNano: "1772359200000000000",
    body: `{"kvlistValue":{"values":[{"key":"content","value":${body}}]}}`,
    attributes: `[{"key":"gen_ai.evaluation.name","value":{"stringValue":"f"}},{"key":"gen_ai.evaluation.score.value","value":${value}},{"key":"gen_ai.input.messages","value":${value}}]`,
    severityNumber: "9",
    flags: "1",
  }),
);

const otlpLogsJson: fc.Arbitrary<MakeRequest> = fc.tuple(otlpRecord, envelope).map(([record, how]) => (serial) => {
  const good = `{"traceId":"f00d@hex@","spanId":"901d@hex12@","eventName":"gen_ai.user.message","body":{"stringValue":"good"}}`;
  const body =
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record.text}]}]},{"scopeLogs":[{"logRecords":[${good}]}]}]}`
      .replaceAll("@hex@", hex(serial, 28))
      .replaceAll("@hex12@", hex(serial, 12));
  return {
    ...inEnvelope(how, "/v1/logs", body),
    rows: [],
    neighbour: {
      table: "observations",
      id: `901d${hex(serial, 12)}`,
      isAccepted: ({ status, body: said }) =>
        status === 200 && Number(said?.partialSuccess?.rejectedLogRecords ?? 0) < 2,
    },
  };
});

const otlpPoint = jsonText.chain((value) =>
  mutated({
    timeUnixNano: '"1772359200000000000"',
    startTimeUnixNano: "1772359200000000000",
    asDouble: "1.5",
    count: '"5"',
    sum: "7",
    min: "-1",
    max: '"NaN"',
    quantileValues: '[{"quantile":0.5,"value":1}]',
    attributes: `[{"key":"k","value":${value}}]`,
    flags: "0",
  }),
);

const otlpMetricsJson: fc.Arbitrary<MakeRequest> = fc
  .tuple(otlpPoint, fc.constantFrom("gauge", "sum", "histogram", "exponentialHistogram", "summary"), envelope)
  .map(([point, kind, how]) => (serial) => {
    const good = `{"name":"f-${SERIAL}-good","gauge":{"dataPoints":[{"asInt":"1"}]}}`;
    const metric = `{"name":"m","${kind}":{"dataPoints":[${point.text}]}}`;
    const scopes = `{"metrics":[${metric}]},{"metrics":[${good}]}`;
    const body = numbered(`{"resourceMetrics":[{"scopeMetrics":[${scopes}]}]}`, serial);
    return {
      ...inEnvelope(how, "/v1/metrics", body),
      rows: [],
      neighbour: {
        table: "metrics",
        id: rowId(serial, "good"),
        isAccepted: ({ status, body: said }) =>
          status === 200 && Number(said?.partialSuccess?.rejectedDataPoints ?? 0) < 2,
      },
    };
  });

const PATHS = [
  "/v1/l/batch",
  "/v1/metrics/batch",
  "/api/public/ingestion",
  "/api/public/scores",
  "/v1/traces",
  "/v1/logs",
  "/v1/metrics",
];

/** No shape at all. */
const anything: fc.Arbitrary<MakeRequest> = fc
  .tuple(fc.constantFrom(...PATHS), jsonText, envelope)
  .map(([path, text, how]) => () => ({ ...inEnvelope(how, path, text), rows: [] }));

export const JSON_REQUESTS: readonly fc.Arbitrary<MakeRequest>[] = [
  xtraceBatch,
  xtraceMetrics,
  langfuseIngestion,
  langfuseScores,
  otlpJson,
  otlpLogsJson,
  otlpMetricsJson,
  anything,
];
