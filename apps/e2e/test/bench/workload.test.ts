import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { FORMATS } from "../../bench/ingest/workload/formats.ts";
import { generateTrace } from "../../bench/ingest/workload/trace-generator.ts";

const BASE_MS = 1_767_571_200_000;
const shape = { observations: 10, observationBytes: 1_500 };

test("the same seed gives the same bytes, another one other ids", () => {
  const bytesOf = (seed: number) => FORMATS.xtrace.encode(generateTrace(shape, seed, 3, BASE_MS));
  expect(bytesOf(1).equals(bytesOf(1))).toBe(true);
  expect(bytesOf(1).equals(bytesOf(2))).toBe(false);
});

test("no id comes twice, over seeds and traces", () => {
  const traces = [1, 2].flatMap((seed) =>
    Array.from({ length: 1_000 }, (_, index) =>
      generateTrace({ ...shape, observationBytes: 600 }, seed, index, BASE_MS),
    ),
  );
  const ids = traces.flatMap(({ id, observations }) => [id, ...observations.map((observation) => observation.id)]);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each([
  [1_500, 10],
  [1_500, 100],
  [20_000, 10],
])("an observation of %i bytes has as many, in bodies of %i", (observationBytes, observations) => {
  const bodies = Array.from({ length: 1_000 / observations }, (_, index) =>
    FORMATS.xtrace.encode(generateTrace({ observations, observationBytes }, 1, index, BASE_MS)),
  );
  const mean = bodies.reduce((sum, body) => sum + body.length, 0) / 1_000;
  expect(mean / observationBytes).toBeGreaterThan(0.95);
  expect(mean / observationBytes).toBeLessThan(1.05);
});

test("each format carries the trace's observations", () => {
  const trace = generateTrace(shape, 1, 0, BASE_MS);
  const { xtrace, langfuse } = FORMATS;
  expect(JSON.parse(xtrace.encode(trace).toString("utf8")).observations).toHaveLength(10);
  expect(JSON.parse(langfuse.encode(trace).toString("utf8")).batch).toHaveLength(11);
  const otlp = JSON.parse(Buffer.from(FORMATS["otlp-json"].encode(trace)).toString("utf8"));
  expect(otlp.resourceSpans[0].scopeSpans[0].spans).toHaveLength(10);
  const protobuf = gunzipSync(FORMATS["otlp-protobuf"].encode(trace));
  for (const { id } of trace.observations) expect(protobuf.includes(Buffer.from(id, "hex"))).toBe(true);
});
