import {
  HOSTILE_IDS,
  HOSTILE_TAGS,
  HOSTILE_TEXTS,
  HOSTILE_TIMES,
  HOSTILE_USAGES,
  HOSTILE_VALUES,
  MILLION_KEYS,
  type Hostile,
} from "./hostile-json.ts";

/** Fields by name, as raw JSON. */
type Fields = Readonly<Record<string, string>>;

/** How one of the JSON endpoints is written to: bodies are raw text, because the values may be no JSON. */
export type JsonProtocol = {
  readonly title: string;
  readonly path: string;
  /** An item which has these fields besides the usual ones. */
  item(fields: Fields): string;
  body(items: readonly string[]): string;
  /** The item that has to be stored whatever its neighbours are. */
  good(index: number): string;
  readonly slots: ReadonlyArray<readonly [field: string, values: readonly Hostile[]]>;
};

export const GOOD_TRACE = "good-neighbours";
/** The same, where ids are hexadecimal. */
export const GOOD_OTLP_TRACE = "900d0000000000000000000000000001";
export const GOOD_METRIC = "good_neighbours";

const NOW = '"2026-03-01T10:00:00.000Z"';

function object(fields: Fields): string {
  return `{${Object.entries(fields)
    .map(([name, json]) => `"${name}":${json}`)
    .join(",")}}`;
}

const XTRACE_OBSERVATION: JsonProtocol = {
  title: "xtrace observations",
  path: "/v1/l/batch",
  item: (fields) => object({ traceId: '"hostile"', name: '"n"', ...fields }),
  body: (items) => `{"observations":[${items.join(",")}]}`,
  good: (index) => object({ id: `"good-${index}"`, traceId: `"${GOOD_TRACE}"`, name: '"good"' }),
  slots: [
    ["id", HOSTILE_IDS],
    ["traceId", HOSTILE_IDS],
    ["parentObservationId", HOSTILE_IDS],
    ...["type", "name", "model", "level", "statusMessage", "environment", "version", "promptName", "unit"].map(
      (field) => [field, HOSTILE_TEXTS] as const,
    ),
    ["startTime", HOSTILE_TIMES],
    ["endTime", HOSTILE_TIMES],
    ["completionStartTime", HOSTILE_TIMES],
    ["input", HOSTILE_VALUES],
    ["metadata", [...HOSTILE_VALUES, MILLION_KEYS]],
    ["modelParameters", HOSTILE_VALUES],
    ["usage", HOSTILE_USAGES],
    ["usageDetails", HOSTILE_USAGES],
    ["costDetails", HOSTILE_USAGES],
    [
      "promptTokens",
      [
        ...HOSTILE_TEXTS,
        { title: "negative", json: "-1" },
        { title: "huge", json: "1e300" },
        { title: "beyond int8", json: "9223372036854775808" },
      ],
    ],
  ],
};

const XTRACE_TRACE: JsonProtocol = {
  ...XTRACE_OBSERVATION,
  title: "xtrace trace",
  item: (fields) => object({ id: '"hostile"', ...fields }),
  body: ([trace = "{}", ...observations]) => `{"trace":${trace},"observations":[${observations.join(",")}]}`,
  good: (index) => object({ id: `"good-t${index}"`, traceId: `"${GOOD_TRACE}"`, name: '"good"' }),
  slots: [
    ["id", HOSTILE_IDS],
    ...["name", "userId", "sessionId", "release", "version", "environment", "externalId"].map(
      (field) => [field, HOSTILE_TEXTS] as const,
    ),
    ["timestamp", HOSTILE_TIMES],
    ["metadata", HOSTILE_VALUES],
    ["output", HOSTILE_VALUES],
    ["tags", HOSTILE_TAGS],
    ["public", HOSTILE_TEXTS],
  ],
};

const METRICS: JsonProtocol = {
  title: "xtrace metrics",
  path: "/v1/metrics/batch",
  item: (fields) => object({ name: '"hostile"', value: "1", timestamp: NOW, labels: '{"a":"b"}', ...fields }),
  body: (items) => `{"metrics":[${items.join(",")}]}`,
  good: (index) => object({ name: `"${GOOD_METRIC}"`, value: "1", timestamp: NOW, labels: `{"index":"${index}"}` }),
  slots: [
    ["name", HOSTILE_TEXTS],
    ["labels", [...HOSTILE_VALUES, ...HOSTILE_USAGES, MILLION_KEYS]],
    ["value", [...HOSTILE_TEXTS, { title: "1e400", json: "1e400" }, { title: "1e308", json: "-1e308" }]],
    ["timestamp", HOSTILE_TIMES],
    ["environment", HOSTILE_TEXTS],
  ],
};

let events = 0;
const event = (type: string, body: Fields) =>
  object({ id: `"event-${events++}"`, type: `"${type}"`, timestamp: NOW, body: object(body) });

const LANGFUSE_OBSERVATION: JsonProtocol = {
  title: "Langfuse observations",
  path: "/api/public/ingestion",
  item: (fields) => event("generation-create", { traceId: '"hostile-lf"', ...fields }),
  body: (items) => `{"batch":[${items.join(",")}]}`,
  good: (index) => event("span-create", { id: `"good-l${index}"`, traceId: `"${GOOD_TRACE}"`, name: '"good"' }),
  slots: XTRACE_OBSERVATION.slots.filter(([field]) => field !== "unit" && field !== "promptTokens"),
};

const LANGFUSE_TRACE: JsonProtocol = {
  ...LANGFUSE_OBSERVATION,
  title: "Langfuse traces",
  item: (fields) => event("trace-create", { id: '"hostile-lf"', ...fields }),
  good: (index) => event("span-create", { id: `"good-lt${index}"`, traceId: `"${GOOD_TRACE}"`, name: '"good"' }),
  slots: XTRACE_TRACE.slots,
};

const LANGFUSE_SCORE: JsonProtocol = {
  ...LANGFUSE_OBSERVATION,
  title: "Langfuse scores",
  item: (fields) => event("score-create", { name: '"s"', value: "1", traceId: '"hostile-lf"', ...fields }),
  good: (index) => event("span-create", { id: `"good-ls${index}"`, traceId: `"${GOOD_TRACE}"`, name: '"good"' }),
  slots: [
    ["id", HOSTILE_IDS],
    ["traceId", HOSTILE_IDS],
    ["observationId", HOSTILE_IDS],
    ["sessionId", HOSTILE_IDS],
    ["name", HOSTILE_TEXTS],
    ["value", [...HOSTILE_TEXTS, { title: "1e308", json: "1e308" }]],
    ["dataType", HOSTILE_TEXTS],
    ["comment", HOSTILE_TEXTS],
    ["metadata", HOSTILE_VALUES],
    ["configId", HOSTILE_TEXTS],
  ],
};

const LANGFUSE_EVENT: JsonProtocol = {
  ...LANGFUSE_OBSERVATION,
  title: "Langfuse events",
  item: (fields) =>
    object({ id: '"e"', type: '"trace-create"', timestamp: NOW, body: '{"id":"hostile-lf"}', ...fields }),
  good: (index) => event("span-create", { id: `"good-le${index}"`, traceId: `"${GOOD_TRACE}"`, name: '"good"' }),
  slots: [
    ["id", HOSTILE_IDS],
    ["type", HOSTILE_TEXTS],
    ["timestamp", HOSTILE_TIMES],
    ["body", HOSTILE_VALUES],
  ],
};

const hex = (index: number, digits: number) => index.toString(16).padStart(digits, "0");
const NANOS = '"1772359200000000000"';

const OTLP: JsonProtocol = {
  title: "OTLP JSON",
  path: "/v1/traces",
  item: (fields) =>
    object({
      traceId: '"baad0000000000000000000000000001"',
      spanId: '"baad000000000001"',
      name: '"n"',
      startTimeUnixNano: NANOS,
      ...fields,
    }),
  body: (spans) => `{"resourceSpans":[{"scopeSpans":[{"spans":[${spans.join(",")}]}]}]}`,
  good: (index) =>
    object({
      traceId: `"${GOOD_OTLP_TRACE}"`,
      spanId: `"${hex(index + 1, 16)}"`,
      name: '"good"',
      startTimeUnixNano: NANOS,
    }),
  slots: [
    ["traceId", HOSTILE_IDS],
    ["spanId", HOSTILE_IDS],
    ["parentSpanId", HOSTILE_IDS],
    ["name", HOSTILE_TEXTS],
    ["kind", HOSTILE_TEXTS],
    [
      "startTimeUnixNano",
      [
        ...HOSTILE_TIMES,
        { title: "beyond uint64", json: '"99999999999999999999999"' },
        { title: "negative", json: '"-1"' },
      ],
    ],
    [
      "endTimeUnixNano",
      [
        ...HOSTILE_TIMES,
        { title: "the last uint64", json: '"18446744073709551615"' },
        { title: "before the start", json: '"1"' },
      ],
    ],
    [
      "attributes",
      [...HOSTILE_VALUES, ...HOSTILE_TAGS, ...HOSTILE_VALUES.map(asAttribute), ...HOSTILE_USAGES.map(asUsage)],
    ],
    ["status", [...HOSTILE_VALUES, ...HOSTILE_TEXTS]],
    ["events", [...HOSTILE_VALUES, ...HOSTILE_TAGS]],
    ["links", HOSTILE_TAGS],
  ],
};

let records = 0;

const OTLP_LOGS: JsonProtocol = {
  title: "OTLP JSON logs",
  path: "/v1/logs",
  item: (fields) =>
    object({
      traceId: '"baad0000000000000000000000000001"',
      // Each of its own span: messages of one span are gathered, and these are large.
      spanId: `"bad1${hex(records++, 12)}"`,
      eventName: '"gen_ai.user.message"',
      timeUnixNano: NANOS,
      ...fields,
    }),
  body: (items) => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${items.join(",")}]}]}]}`,
  good: (index) =>
    object({
      traceId: `"${GOOD_OTLP_TRACE}"`,
      spanId: `"106${hex(index + 1, 13)}"`,
      eventName: '"gen_ai.user.message"',
      timeUnixNano: NANOS,
      body: '{"stringValue":"good"}',
    }),
  slots: [
    ["traceId", HOSTILE_IDS],
    ["spanId", HOSTILE_IDS],
    ["eventName", HOSTILE_TEXTS],
    ["timeUnixNano", HOSTILE_TIMES],
    ["observedTimeUnixNano", HOSTILE_TIMES],
    ["body", [...HOSTILE_VALUES, ...HOSTILE_TAGS, ...HOSTILE_VALUES.map(asBody)]],
    [
      "attributes",
      [...HOSTILE_VALUES, ...HOSTILE_TAGS, ...HOSTILE_VALUES.map(asAttribute), ...HOSTILE_USAGES.map(asUsage)],
    ],
  ],
};

const OTLP_METRICS: JsonProtocol = {
  title: "OTLP JSON metrics",
  path: "/v1/metrics",
  item: (fields) => object({ timeUnixNano: NANOS, asInt: '"1"', ...fields }),
  body: (points) => {
    const metric = (name: string, point = "{}") => `{"name":"${name}","sum":{"dataPoints":[${point}]}}`;
    const [hostile, good] = points;
    return `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[${metric("hostile", hostile)},${metric(GOOD_METRIC, good)}]}]}]}`;
  },
  good: (index) =>
    object({
      timeUnixNano: NANOS,
      asInt: '"1"',
      attributes: `[{"key":"otlp","value":{"intValue":"${index}"}}]`,
    }),
  slots: [
    ["timeUnixNano", HOSTILE_TIMES],
    ["startTimeUnixNano", HOSTILE_TIMES],
    ["asInt", [...HOSTILE_TEXTS, ...HOSTILE_USAGES]],
    ["asDouble", [...HOSTILE_TEXTS, { title: "1e400", json: "1e400" }, { title: "1e308", json: "-1e308" }]],
    ["attributes", [...HOSTILE_VALUES, ...HOSTILE_TAGS, ...HOSTILE_VALUES.map(asAttribute)]],
    ["flags", HOSTILE_TEXTS],
  ],
};

function asBody({ title, json }: Hostile): Hostile {
  return { title: `a value: ${title}`, json: `{"kvlistValue":{"values":[{"key":"content","value":${json}}]}}` };
}

function asAttribute({ title, json }: Hostile): Hostile {
  return {
    title: `a value: ${title}`,
    json: `[{"key":"k","value":${json}},{"key":"input.value","value":{"stringValue":${json}}}]`,
  };
}

function asUsage({ title, json }: Hostile): Hostile {
  const inner = JSON.stringify(json);
  return {
    title: `usage: ${title}`,
    json: `[{"key":"langfuse.observation.usage_details","value":{"stringValue":${inner}}}]`,
  };
}

export const JSON_PROTOCOLS: readonly JsonProtocol[] = [
  XTRACE_OBSERVATION,
  XTRACE_TRACE,
  METRICS,
  LANGFUSE_OBSERVATION,
  LANGFUSE_TRACE,
  LANGFUSE_SCORE,
  LANGFUSE_EVENT,
  OTLP,
  OTLP_LOGS,
  OTLP_METRICS,
];
