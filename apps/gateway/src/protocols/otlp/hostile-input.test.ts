import { LIMITS, noEvents, type CanonicalEvents } from "@xtrace/contract";
import { AppError } from "@xtrace/runtime";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeOtlp, type OtlpEncoding } from "./decode.ts";
import { NOW_US, readFixture } from "./fixtures/decode-fixture.ts";
import { exportOf, jsonBytes, SPAN_ID, TRACE_ID, type ExportJson, type Values } from "./fixtures/export-of.ts";
import { problemsOf } from "./fixtures/problems-of.ts";
import { toProtobuf } from "./fixtures/to-protobuf.ts";

/** A refused body yields nothing; any other failure is a bug and stays one. */
function decode(body: Uint8Array, encoding: OtlpEncoding): CanonicalEvents {
  try {
    return decodeOtlp(body, encoding, { nowUs: NOW_US }).events;
  } catch (error) {
    if (error instanceof AppError && error.status < 500) return noEvents();
    throw error;
  }
}

const fixtures = ["langfuse-js-5", "otel-js-gen-ai"] as const;

describe("protobuf", () => {
  test("random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        expect(problemsOf(decode(body, "protobuf"))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test("a real body cut at every place", () => {
    for (const name of fixtures) {
      const body = readFixture(`${name}.bin`);
      for (let length = 0; length < body.length; length++) decode(body.subarray(0, length), "protobuf");
    }
    const cut = readFixture("langfuse-js-5.bin").subarray(0, -1);
    expect(() => decodeOtlp(cut, "protobuf", { nowUs: 0 })).toThrow(AppError);
  });

  test("a real body with some bytes changed", () => {
    const body = readFixture("langfuse-js-5.bin");
    const change = fc.tuple(fc.nat(body.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const changed = Buffer.from(body);
        for (const [position, byte] of changes) changed[position] = byte;
        expect(problemsOf(decode(changed, "protobuf"))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** What an attribute may hold in the worst case; through every name that a convention reads. */
const hostileText = fc.constantFrom(
  "",
  "null",
  "NaN",
  "1e999",
  "-1",
  "9".repeat(400),
  "[".repeat(300),
  '{"__proto__":{"polluted":1}}',
  '{"input":1e999,"output":-1,"total":"x"}',
  String.raw`["\u0000\ud800"]`,
  "\u0000",
  "\ud800",
  "9999-12-31T23:59:59Z",
  "x".repeat(3_000),
);
const hostileValue = fc.oneof(
  hostileText,
  fc.constantFrom<Values[string]>(Number.NaN, Infinity, -1, 2 ** 60, 1e308, true, null, [], {}, ["\u0000", null], {
    a: { b: [1] },
  }),
  fc.json(),
);
const below = (prefix: string, names: string) => names.split(" ").map((name) => `${prefix}.${name}`);
const names = fc.constantFrom(
  ...below("langfuse.observation", "type level status_message input output model.name model.parameters usage_details"),
  ...below("langfuse.observation", "cost_details completion_start_time prompt.name prompt.version metadata"),
  ...below("langfuse.observation.metadata", "__proto__ constructor"),
  ...below("langfuse.trace", "name tags public metadata metadata.__proto__ input output"),
  ...below("langfuse", "user.id session.id environment release version internal.as_root"),
  ...below("gen_ai", "operation.name tool.name request.model request.__proto__ usage.input_tokens usage.__proto__"),
  ...below("gen_ai", "usage.cost input.messages output.messages system_instructions conversation.id"),
  ...below("gen_ai.response", "time_to_first_chunk model"),
  ...below("deployment", "environment environment.name"),
  ...below("exception", "type message"),
  ...below("ai", "operationId prompt prompt.messages prompt.tools prompt.toolChoice toolCall.args toolCall.result"),
  ...below("ai.response", "text toolCalls object providerMetadata msToFirstChunk"),
  ...below("ai", "usage.inputTokens settings.temperature telemetry.metadata.tags telemetry.metadata.langfusePrompt"),
  ...below("ai", "telemetry.metadata.__proto__ values embeddings"),
  ...below("gcp.vertex.agent", "llm_request llm_response tool_call_args session_id"),
  ...below("logfire", "msg level_num tags span_type"),
  ...["name", "input", "output", "metadata:subtype", "state"].map((name) => `genkit:${name}`),
  "events",
  "all_messages_events",
  "pydantic_ai.all_messages",
  "final_result",
  "agent_name",
  "model_name",
  "__proto__",
  "constructor",
  "service.version",
  "error.type",
);
const attributes = fc.dictionary(names, hostileValue, { maxKeys: 12 }) as fc.Arbitrary<Values>;
const timeUs = fc.constantFrom(0, 1, 1_767_323_045_000_006, Number.MAX_SAFE_INTEGER);
const span = fc.record({
  name: hostileText,
  startUs: timeUs,
  endUs: timeUs,
  parentSpanId: fc.constantFrom("", SPAN_ID),
  attributes,
  events: fc.array(
    fc.record({
      name: fc.constantFrom("exception", "gen_ai.user.message", "gen_ai.choice", "gen_ai.content.prompt"),
      timeUs,
      attributes,
    }),
    { maxLength: 3 },
  ),
  links: fc.array(fc.record({ traceId: fc.constant(TRACE_ID), spanId: fc.constant(SPAN_ID), attributes }), {
    maxLength: 2,
  }),
  status: fc.record({ code: fc.nat(3), message: hostileText }),
});

describe("attributes", () => {
  test("of any content come to events that the worker takes, in both encodings", () => {
    const scope = fc.constantFrom("langfuse-sdk", "genkit-tracer", "gcp.vertex.agent", "pydantic-ai");
    const body = fc.record({ spans: fc.array(span, { minLength: 1, maxLength: 3 }), resource: attributes, scope });
    fc.assert(
      fc.property(body, ({ spans, resource, scope: name }) => {
        const sent: ExportJson = exportOf(spans, {
          resource,
          scope: { name, version: "3.1", attributes: resource },
        });
        for (const events of [decode(jsonBytes(sent), "json"), decode(toProtobuf(sent), "protobuf")]) {
          expect(problemsOf(events)).toEqual([]);
          expect(events.observations).toHaveLength(spans.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("JSON", () => {
  test("of any shape", () => {
    const keys = [
      "resourceSpans",
      "scopeSpans",
      "spans",
      "attributes",
      "events",
      "links",
      "status",
      "traceId",
      "spanId",
      "key",
      "value",
      "arrayValue",
    ];
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 7 },
        fc.constantFrom<unknown>(null, 1, "x", TRACE_ID, SPAN_ID, true, []),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys), tie("tree"), { maxKeys: 5 }),
      ),
    }));
    const wrapped = tree.map((spans) => ({
      resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: TRACE_ID, spanId: SPAN_ID, attributes: spans }, spans] }] }],
    }));
    fc.assert(
      fc.property(fc.oneof(tree, wrapped), (body) => {
        expect(problemsOf(decode(jsonBytes(body), "json"))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test("that is none is refused by name", () => {
    const codeOf = (text: string) => {
      try {
        decodeOtlp(Buffer.from(text), "json", { nowUs: 0 });
      } catch (error) {
        return error instanceof AppError ? error.code : "a bug";
      }
      return "taken";
    };
    expect(codeOf("{")).toBe("INVALID_JSON");
    expect(codeOf("NaN")).toBe("INVALID_JSON");
    expect(codeOf('{"a":1e999}')).toBe("NON_FINITE");
    expect(codeOf(`{"a":${"[".repeat(LIMITS.maxJsonDepth + 1)}${"]".repeat(LIMITS.maxJsonDepth + 1)}}`)).toBe(
      "TOO_DEEP",
    );
    expect(codeOf("")).toBe("taken");
  });
});

test("a large resource is not multiplied by its spans", () => {
  const spans = Array.from({ length: 200 }, (_, index) => ({ spanId: String(index + 1).padStart(16, "0") }));
  const body = exportOf(spans, { resource: { blob: "x".repeat(1_000_000) }, scope: { name: "y".repeat(100_000) } });
  const events = decode(toProtobuf(body), "protobuf");
  expect(events.observations).toHaveLength(200);
  expect(JSON.stringify(events).length).toBeLessThan(400_000);
});

test("five thousand spans that tie in every field take no quadratic time", () => {
  const spans = Array.from({ length: 5_000 }, (_, index) => ({
    spanId: String(index + 1).padStart(16, "0"),
    attributes: {
      "langfuse.trace.name": `n${index}`,
      [`langfuse.trace.metadata.k${index}`]: "v",
      "langfuse.trace.metadata.same": `{"a":${index}}`,
    },
  }));
  const body = toProtobuf(exportOf(spans));
  const startedAt = performance.now();
  const events = decode(body, "protobuf");
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(events.traces).toHaveLength(5_001);
});
