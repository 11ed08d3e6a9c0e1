import { exportOf, span } from "./protobuf-span.ts";

/*
 * The matrix of bad input, a line each: what is sent, what is answered, what is stored.
 *
 * Not here, because there is no such part yet: cells of a CSV export that begin with a formula, cycles of parents in a
 * tree on a screen, text search over a megabyte. Not possible here: a jsonb of 256 MB or a field of 1 GB,
 * which the bound on bodies is far below, and more than 65,535 parameters, since a batch is one JSON parameter
 * whatever its size. Elsewhere: bodies beyond the bound, bombs and slow senders (bounds.e2e.test.ts), keys and
 * methods (bad-requests.e2e.test.ts), parameters of reads (bad-reads.e2e.test.ts), other projects' ids (tenancy).
 */
export type Line = {
  readonly title: string;
  /** The native batch, where nothing else is said. */
  readonly path?: string;
  /** `@id@` stands for an id of the line's own. */
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** A part of the answer. */
  readonly answer?: object;
  readonly answerHeaders?: Readonly<Record<string, string>>;
  /** What is read back of the observation `@id@`; `null`: it is not there. */
  readonly observation?: object | null;
  /** What is read back of the trace `@id@-t`. */
  readonly trace?: object;
  /** Whether the observation `@id@-good`, which is in the same request, is there. */
  readonly good?: boolean;
};

const GOOD = '{"id":"@id@-good","traceId":"@id@-t","name":"good"}';

/** The line's observation beside a good one. */
const item = (fields: string) => `{"observations":[{"id":"@id@","traceId":"@id@-t",${fields}},${GOOD}]}`;
const trace = (fields: string) => `{"trace":{"id":"@id@-t",${fields}},"observations":[${GOOD}]}`;

const TAKEN = { status: 200, good: true } as const;
/** The item is refused by name and the other is stored. */
const refused = (field: string) =>
  ({
    status: 200,
    answer: { rejected: 1, details: [{ path: `observations.0.${field}` }] },
    observation: null,
    good: true,
  }) as const;
const whole = (code: string) => ({ status: 400, answer: { code }, observation: null, good: false }) as const;

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const list = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(",");

const BODIES: readonly Line[] = [
  { title: "no JSON", body: "{", status: 400, answer: { code: "INVALID_JSON" } },
  { title: "a truncated body", body: item('"name":"n"').slice(0, -3), ...whole("INVALID_JSON") },
  { title: "an empty body", body: "", status: 400, answer: { code: "INVALID_JSON", message: "Body is empty" } },
  { title: "an empty object, as the original takes it", body: "{}", status: 200 },
  { title: "an empty batch of Langfuse", path: "/api/public/ingestion", body: '{"batch":[]}', status: 207 },
  { title: "an empty export", path: "/v1/traces", body: "{}", status: 200 },
  {
    title: "a content type of something else",
    body: "{}",
    headers: { "Content-Type": "text/plain" },
    status: 415,
    answer: { code: "UNSUPPORTED_MEDIA_TYPE" },
  },
  ...["br", "zstd"].map((encoding) => ({
    title: `the encoding ${encoding}`,
    body: "{}",
    headers: { "Content-Encoding": encoding },
    status: 415,
    answerHeaders: { "accept-encoding": "gzip, deflate, identity" },
  })),
  { title: "broken gzip", body: "not gzip", headers: { "Content-Encoding": "gzip" }, status: 400 },
  {
    title: "bytes that are no UTF-8",
    body: Buffer.concat([
      Buffer.from('{"observations":[{"id":"utf8-line","traceId":"utf8-line-t","name":"a'),
      Buffer.from([0xff, 0xc0]),
      Buffer.from('b"}]}'),
    ]),
    status: 200,
  },
  { title: "a literal that is no number", body: item('"input":NaN'), ...whole("INVALID_JSON") },
  { title: "1e400", body: item('"input":{"a":1e400}'), ...whole("NON_FINITE") },
  { title: "5,000 levels", body: item(`"input":${nested(5_000)}`), ...whole("TOO_DEEP") },
  { title: "a million values", body: item(`"input":[${list(1_000_001, () => "0")}]`), ...whole("BAD_REQUEST") },
];

const TEXTS: readonly Line[] = [
  {
    title: "U+0000 in a text, a value and a key",
    body: item(String.raw`"name":"a\u0000b","input":{"k\u0000":"v\u0000"},"metadata":{"m\u0000":"\u0000"}`),
    ...TAKEN,
    observation: { name: "a\uFFFDb", input: { "k\uFFFD": "v\uFFFD" }, metadata: { "m\uFFFD": "\uFFFD" } },
  },
  {
    title: "half a surrogate pair",
    body: item(String.raw`"name":"a\ud800b","input":{"\udfff":1}`),
    ...TAKEN,
    observation: { name: "a\uFFFDb", input: { "\uFFFD": 1 } },
  },
  {
    title: "a name of 600 characters",
    body: item(`"name":"${"n".repeat(600)}"`),
    ...TAKEN,
    observation: { name: "n".repeat(512) },
  },
  {
    title: "an input of 3,000,000 characters",
    body: item(`"input":"${"x".repeat(3_000_000)}"`),
    ...TAKEN,
    observation: { input: `${"x".repeat(2_097_152)}… [xtrace: cut, was 3000000 characters]` },
  },
  {
    title: "SQL",
    body: item(`"name":"'; DROP TABLE traces; --","statusMessage":"%_\\\\"`),
    ...TAKEN,
    observation: { name: "'; DROP TABLE traces; --", statusMessage: "%_\\" },
  },
];

const OBJECTS: readonly Line[] = [
  {
    title: "__proto__ and constructor",
    body: item('"input":{"__proto__":{"x":1}},"metadata":{"constructor":{"prototype":{"x":1}}}'),
    ...TAKEN,
    observation: {
      input: JSON.parse('{"__proto__":{"x":1}}') as object,
      metadata: { constructor: { prototype: { x: 1 } } },
    },
  },
  {
    title: "a key twice",
    body: item('"name":"first","name":"last","input":{"a":1,"a":2}'),
    ...TAKEN,
    observation: { name: "last", input: { a: 2 } },
  },
  { title: "an object with a length", body: item('"name":{"length":{"toString":1}}'), ...refused("name") },
  {
    title: "6,000 keys of metadata",
    body: item(`"metadata":{${list(6_000, (index) => `"k${index}":1`)}}`),
    ...TAKEN,
    observation: { metadata: { metadata: `{${list(6_000, (index) => `"k${index}":1`)}}` } },
  },
  {
    title: "150 tags, of which the first hundred are kept",
    body: trace(`"tags":[${list(150, (index) => `"t${String(index).padStart(3, "0")}"`)}]`),
    ...TAKEN,
    trace: { tags: Array.from({ length: 100 }, (_, index) => `t${String(index).padStart(3, "0")}`) },
  },
  {
    title: "2,000 attributes of a span",
    path: "/v1/traces",
    body: `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"@hex@","spanId":"00000000000000aa","name":"n","startTimeUnixNano":"1772359200000000000","attributes":[${list(2_000, (index) => `{"key":"k${index}","value":{"intValue":1}}`)}]}]}]}]}`,
    status: 200,
  },
];

const NUMBERS: readonly Line[] = [
  {
    title: "a whole number beyond 2^53, of which the last digits are lost",
    body: item('"input":{"n":9007199254740993}'),
    ...TAKEN,
    observation: { input: { n: 9_007_199_254_740_992 } },
  },
  {
    title: "tokens beyond int4",
    body: item('"promptTokens":3000000000,"type":"GENERATION"'),
    ...TAKEN,
    observation: { promptTokens: 3_000_000_000 },
  },
  { title: "tokens below zero", body: item('"promptTokens":-1'), ...refused("promptTokens") },
  { title: "half a token", body: item('"promptTokens":1.5'), ...refused("promptTokens") },
  { title: "tokens beyond any number", body: item('"promptTokens":1e300'), ...refused("promptTokens") },
];

const TIMES: readonly Line[] = [
  ...["+275760-09-13T00:00:00.000Z", "-000044-03-15T00:00:00Z", "9999-12-31T23:59:59Z", "2026-13-45T00:00:00Z", ""].map(
    (time) => ({ title: `the time "${time}"`, body: item(`"startTime":"${time}"`), ...refused("startTime") }),
  ),
  { title: "a time without an offset", body: item('"startTime":"2026-03-01T10:00:00"'), ...refused("startTime") },
  {
    title: "an end before the start",
    body: item('"startTime":"2026-03-01T10:00:00Z","endTime":"2026-03-01T09:00:00Z"'),
    ...TAKEN,
    observation: { startTime: "2026-03-01T10:00:00.000Z" },
  },
];

const IDS: readonly Line[] = [
  {
    title: "an id of 801 bytes",
    body: item(`"parentObservationId":"${"i".repeat(801)}"`),
    ...refused("parentObservationId"),
  },
  {
    title: "an id that is neither a UUID nor hexadecimal, of 300 characters",
    body: item(`"parentObservationId":"${"i".repeat(300)}"`),
    ...TAKEN,
    observation: { parentObservationId: "i".repeat(300) },
  },
  {
    title: "the same id twice in a batch",
    body: `{"observations":[{"id":"@id@","traceId":"@id@-t","name":"a","model":"m"},{"id":"@id@","traceId":"@id@-t","name":"b"},${GOOD}]}`,
    ...TAKEN,
    observation: { name: "b", model: "m" },
  },
  {
    title: "an observation before its trace, whose parent never comes",
    body: item('"parentObservationId":"never"'),
    ...TAKEN,
    observation: { parentObservationId: "never" },
    trace: { name: null },
  },
  {
    title: "parents in a circle",
    body: `{"observations":[{"id":"@id@","traceId":"@id@-t","parentObservationId":"@id@-good"},{"id":"@id@-good","traceId":"@id@-t","parentObservationId":"@id@"}]}`,
    ...TAKEN,
    observation: { parentObservationId: "@id@-good" },
  },
  {
    title: "another project's id in the body",
    body: `{"trace":{"id":"@id@-t","projectId":"project-b"},"observations":[${GOOD}]}`,
    status: 403,
    good: false,
  },
  {
    title: "an id of the request that could end a header",
    body: item('"name":"n"'),
    headers: { "X-Request-Id": "a b; drop" },
    ...TAKEN,
  },
  {
    title: "a span without an id, in protobuf",
    path: "/v1/traces",
    body: exportOf(span({ spanId: Buffer.alloc(0) })),
    headers: { "Content-Type": "application/x-protobuf" },
    status: 200,
  },
];

export const LINES: readonly Line[] = [...BODIES, ...TEXTS, ...OBJECTS, ...NUMBERS, ...TIMES, ...IDS];
