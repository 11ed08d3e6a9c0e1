import type { TraceEvent } from "@xtrace/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeOtlp } from "./decode.ts";
import { NOW_US } from "./fixtures/decode-fixture.ts";
import { exportOf, jsonBytes, START_US, type SpanGiven, type Values } from "./fixtures/export-of.ts";
import { mergeTraces } from "./fixtures/merge-traces.ts";

function tracesOf(spans: readonly SpanGiven[]): readonly TraceEvent[] {
  return decodeOtlp(jsonBytes(exportOf(spans)), "json", { nowUs: NOW_US }).events.traces;
}

const word = fc.constantFrom("a", "b", "c");
const maybe = <T>(given: fc.Arbitrary<T>) => fc.option(given, { nil: undefined, freq: 2 });

/** A leaf here and an object there under one key, so that they meet. Distinct leaves of one stamp are the writer's to order. */
const metadata = fc.oneof(word, fc.constantFrom('{"x":"1"}', '{"x":"2"}', '{"y":{"z":"3"}}', '{"x":{}}', "{}", "[1]"));

const attributes = fc
  .record({
    "langfuse.trace.name": maybe(word),
    "user.id": maybe(word),
    "session.id": maybe(word),
    "langfuse.release": maybe(word),
    "langfuse.version": maybe(word),
    "service.version": maybe(word),
    "langfuse.environment": maybe(word),
    "deployment.environment": maybe(word),
    "langfuse.trace.public": maybe(fc.boolean()),
    "langfuse.trace.tags": maybe(fc.array(word)),
    "langfuse.trace.input": maybe(fc.constantFrom('{"a":1}', '{"a":2}', "text")),
    "langfuse.observation.input": maybe(fc.constantFrom('{"b":1}', "in")),
    "langfuse.observation.output": maybe(word),
    "langfuse.trace.metadata.k": maybe(metadata),
    "langfuse.trace.metadata.l": maybe(metadata),
    "langfuse.internal.is_app_root": maybe(fc.boolean()),
    "langfuse.internal.as_root": maybe(fc.boolean()),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Values);

/** What the conventions have for the same fields, each in its own words. */
const otherConventions = fc
  .record({
    "gen_ai.conversation.id": maybe(word),
    "enduser.id": maybe(word),
    "tag.tags": maybe(fc.constantFrom('["a","b"]', "b,c", "c")),
    metadata: maybe(fc.oneof(word, fc.constantFrom('{"k":{"x":1}}', '{"k":2,"l":"3"}'))),
    "input.value": maybe(fc.constantFrom('{"b":1}', "in")),
    "output.value": maybe(word),
    "traceloop.workflow.name": maybe(word),
    "traceloop.association.properties.user_id": maybe(word),
    "traceloop.association.properties.session_id": maybe(word),
    "traceloop.association.properties.k": maybe(metadata),
    "traceloop.entity.input": maybe(word),
    "langsmith.trace.name": maybe(word),
    "langsmith.metadata.user_id": maybe(word),
    "langsmith.metadata.thread_id": maybe(word),
    "langsmith.metadata.l": maybe(metadata),
    "langsmith.span.tags": maybe(fc.constantFrom("a, b", "c")),
    "mlflow.traceName": maybe(word),
    "mlflow.trace.user": maybe(fc.constantFrom('"a"', "b")),
    "mlflow.traceTag.k": maybe(metadata),
    "mlflow.spanOutputs": maybe(fc.constantFrom('"a"', '{"o":1}')),
    "ai.telemetry.metadata.userId": maybe(word),
    "ai.telemetry.metadata.sessionId": maybe(word),
    "ai.telemetry.metadata.tags": maybe(fc.array(word)),
    "ai.telemetry.metadata.k": maybe(metadata),
    "ai.operationId": maybe(fc.constantFrom("ai.generateText", "ai.toolCall")),
    "ai.response.text": maybe(word),
    "logfire.msg": maybe(word),
    "logfire.tags": maybe(fc.array(word)),
    "gcp.vertex.agent.session_id": maybe(word),
    "genkit:name": maybe(word),
    "genkit:sessionId": maybe(word),
    "gen_ai.completion.0.role": maybe(fc.constant("assistant")),
    "gen_ai.completion.0.content": maybe(word),
    "user.id": maybe(word),
    "langfuse.trace.name": maybe(word),
    "langfuse.trace.tags": maybe(fc.array(word)),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Values);

/** Few traces and few start times, so that spans meet and tie. */
const span = (startSpread: number, attributes: fc.Arbitrary<Values>) =>
  fc.record({
    traceId: fc.constantFrom("a".repeat(32), "b".repeat(32)),
    name: word,
    startUs: fc.nat(startSpread).map((offset) => START_US + offset),
    parentSpanId: fc.constantFrom("", "c".repeat(16)),
    attributes,
  });

/** The spans in another order, some of them twice, cut into requests. */
function requests(spans: fc.Arbitrary<SpanGiven[]>) {
  return spans.chain((all) =>
    fc.record({
      all: fc.constant(all),
      shuffled: fc.shuffledSubarray([...all, ...all.slice(0, 3)], {
        minLength: Math.min(all.length + 3, all.length * 2),
      }),
      cuts: fc.array(fc.nat(all.length + 3), { maxLength: 6 }),
    }),
  );
}

function cutAt<T>(items: readonly T[], cuts: readonly number[]): T[][] {
  const edges = [0, ...cuts.toSorted((a, b) => a - b), items.length];
  return edges.slice(1).map((edge, index) => items.slice(edges[index], edge));
}

test.each([
  ["of one convention", attributes],
  ["of many conventions", fc.oneof(attributes, otherConventions)],
])("a trace %s comes out the same however its spans are ordered, repeated and split over requests", (_, spoken) => {
  fc.assert(
    fc.property(requests(fc.array(span(4, spoken), { maxLength: 12 })), ({ all, shuffled, cuts }) => {
      const oneByOne = mergeTraces(all.flatMap((single) => tracesOf([single])));
      expect(mergeTraces(tracesOf(all))).toEqual(oneByOne);
      expect(mergeTraces(cutAt(shuffled, cuts).flatMap(tracesOf))).toEqual(oneByOne);
    }),
    { numRuns: 250 },
  );
});

test("what a hundred spans repeat is written once", () => {
  const spans = Array.from({ length: 100 }, (_, index) => ({
    startUs: START_US + index,
    spanId: String(index + 1).padStart(16, "0"),
    parentSpanId: index === 0 ? "" : "1".padStart(16, "0"),
    attributes: {
      "user.id": "u",
      "session.id": "s",
      "langfuse.environment": "prod",
      "langfuse.trace.metadata.tenant": "acme",
      "langfuse.trace.metadata.limits": '{"max":1}',
    },
  }));
  const traces = tracesOf(spans);
  expect(traces).toHaveLength(3);
  expect(traces).toContainEqual({
    id: expect.any(String),
    stamp: START_US + 99,
    userId: "u",
    sessionId: "s",
    metadata: { tenant: "acme", limits: { max: 1 } },
  });
});

test("values that tie are all left to the writer, each in an event of its own", () => {
  const traces = tracesOf(
    ["a", "b", "a"].map((name) => ({ attributes: { "langfuse.trace.name": name, "user.id": "u" } })),
  );
  const explicit = traces.filter(({ stamp }) => stamp === START_US);
  expect(new Set(explicit.map(({ name }) => name))).toEqual(new Set(["a", "b"]));
  expect(explicit).toHaveLength(2);
  expect(explicit.filter(({ userId }) => userId === "u")).toHaveLength(1);
});

test("a root names the trace only as long as nobody named it, a stand-in only until a root comes", () => {
  const standIn = {
    name: "stand-in",
    parentSpanId: "c".repeat(16),
    startUs: START_US + 9,
    attributes: { "langfuse.internal.is_app_root": true },
  };
  const root = { name: "root", startUs: START_US };
  const naming = {
    name: "child",
    parentSpanId: "c".repeat(16),
    startUs: START_US - 5,
    attributes: { "langfuse.trace.name": "named" },
  };
  const nameAfter = (...spans: SpanGiven[]) =>
    Object.values(mergeTraces(spans.flatMap((single) => tracesOf([single]))))[0];
  expect(nameAfter(standIn)).toMatchObject({ name: "stand-in", timestampUs: START_US + 9 });
  expect(nameAfter(root, standIn)).toMatchObject({ name: "root", timestampUs: START_US });
  expect(nameAfter(naming, root, standIn)).toMatchObject({ name: "named", timestampUs: START_US - 5 });
});

test("a text that reads like a list ties with that list, and both are left to the writer", () => {
  const traces = tracesOf(['"[1]"', "[1]"].map((k) => ({ attributes: { "langfuse.trace.metadata.k": k } })));
  const written = traces.flatMap(({ metadata: told }) => (told ? [told["k"]] : []));
  expect(written).toHaveLength(2);
  expect(written).toEqual(expect.arrayContaining(["[1]", [1]]));
});
