/*
 * Question: what does decoding at the gateway cost beside parsing the same body at all?
 * Not asked: HTTP, inflating, the queue.
 *
 * Prints the median milliseconds of a request of 100 spans with twelve attributes, and its ratio to
 * `JSON.parse` of the same export as JSON, measured in turn in the same run.
 */
import { decodeOtlp } from "../src/protocols/otlp/decode.ts";
import { exportOf } from "../src/protocols/otlp/fixtures/export-of.ts";
import { toProtobuf } from "../src/protocols/otlp/fixtures/to-protobuf.ts";

const ROUNDS = 300;
const SPANS = 100;
const messages = JSON.stringify([{ role: "user", parts: [{ type: "text", content: "x".repeat(600) }] }]);

const spans = Array.from({ length: SPANS }, (_, index) => ({
  spanId: (index + 1).toString(16).padStart(16, "0"),
  name: `chat ${index}`,
  attributes: {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-11-20",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.usage.input_tokens": 120,
    "gen_ai.usage.output_tokens": 30,
    "gen_ai.input.messages": messages,
    "gen_ai.output.messages": messages,
    "user.id": "ada",
    "session.id": "s-1",
    "server.address": "api.example",
  },
}));
const body = exportOf(spans);
const json = Buffer.from(JSON.stringify(body));
const protobuf = toProtobuf(body);

const cases = {
  "JSON.parse": () => JSON.parse(json.toString("utf8")) as unknown,
  "decode JSON": () => decodeOtlp(json, "json", { nowUs: 1 }),
  "decode protobuf": () => decodeOtlp(protobuf, "protobuf", { nowUs: 1 }),
};

const timings = new Map<string, number[]>(Object.keys(cases).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(cases)) {
    const startedAt = performance.now();
    run();
    timings.get(name)?.push(performance.now() - startedAt);
  }
}

const medianOf = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const baseline = medianOf(timings.get("JSON.parse") ?? []);
process.stdout.write(
  `${SPANS} spans, ${json.length} bytes of JSON, ${protobuf.length} of protobuf, median of ${ROUNDS}\n`,
);
for (const [name, values] of timings) {
  const median = medianOf(values);
  process.stdout.write(`${name.padEnd(16)} ${median.toFixed(2)} ms   ${(median / baseline).toFixed(2)} x JSON.parse\n`);
}
