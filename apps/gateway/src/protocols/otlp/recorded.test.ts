import { CanonicalEvents } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { decodeOtlp } from "./decode.ts";
import { NOW_US, readFixture } from "./fixtures/decode-fixture.ts";

/*
 * Bytes that real exporters sent: @opentelemetry/exporter-trace-otlp-http and -proto 0.220, each span
 * exported by both. Spans were made with @langfuse/tracing and @langfuse/otel 5.11, and by hand.
 */

describe.each(["langfuse-js-5", "otel-js-gen-ai"])("%s", (name) => {
  const fromProtobuf = decodeOtlp(readFixture(`${name}.bin`), "protobuf", { nowUs: NOW_US });

  test("comes to the same from protobuf and from JSON", () => {
    expect(decodeOtlp(readFixture(`${name}.json`), "json", { nowUs: NOW_US })).toEqual(fromProtobuf);
  });

  test("comes to events that the worker takes", () => {
    expect(fromProtobuf.rejected).toBe(0);
    expect(fromProtobuf.reason).toBeUndefined();
    expect(CanonicalEvents.parse(fromProtobuf.events)).toEqual(fromProtobuf.events);
  });

  test("comes to the same when it is sent again", () => {
    expect(decodeOtlp(readFixture(`${name}.bin`), "protobuf", { nowUs: NOW_US + 1 })).toEqual(fromProtobuf);
  });
});

describe("Langfuse's JavaScript SDK 5", () => {
  const { events } = decodeOtlp(readFixture("langfuse-js-5.bin"), "protobuf", { nowUs: NOW_US });
  const byName = (name: string) => events.observations.find((observation) => observation.name === name);

  test("sends observations of all types", () => {
    const types = Object.fromEntries(events.observations.map(({ name, type }) => [name, type]));
    expect(types).toEqual({
      "handle-ticket": "AGENT",
      search: "RETRIEVER",
      "lookup-order": "TOOL",
      compose: "GENERATION",
      "feedback-asked": "EVENT",
      charge: "SPAN",
    });
  });

  test("sends a generation", () => {
    expect(byName("compose")).toMatchObject({
      model: "gpt-4o",
      modelParameters: { temperature: 0.2, max_tokens: 256, stream: "true" },
      usageDetails: { input: 20, input_cached_tokens: 100, output: 20, output_reasoning_tokens: 10, total: 150 },
      costDetails: { input: 0.001, output: 0.002, total: 0.003 },
      completionStartTimeUs: Date.parse("2026-03-01T10:00:00.250Z") * 1_000,
      promptName: "compose-answer",
      promptVersion: "7",
      input: [{ role: "user", content: "Where is my order?" }],
      output: { role: "assistant", content: "It was shipped." },
    });
  });

  test("sends levels, exceptions and nested metadata", () => {
    expect(byName("lookup-order")).toMatchObject({ level: "WARNING", statusMessage: "slow upstream" });
    expect(byName("charge")).toMatchObject({
      level: "ERROR",
      statusMessage: "TypeError: card declined",
      metadata: { events: [{ name: "exception" }] },
    });
    expect(byName("handle-ticket")?.metadata).toEqual({
      resourceAttributes: {
        "service.name": "support-bot",
        "service.version": "1.4.2",
        "telemetry.sdk.language": "nodejs",
      },
      scope: { name: "langfuse-sdk", version: "5.11.1" },
      attempt: 3,
      flags: ["a", "b"],
      nested: { deep: { ok: true } },
      note: "plain",
      tenant: "acme",
    });
  });

  test("sends what it knows of the trace on all six spans, and a handful of writes come of it", () => {
    const fields = events.traces.map(({ id: _id, stamp: _stamp, timestampUs: _timestampUs, ...said }) => said);
    expect(fields).toHaveLength(3);
    expect(Object.assign({}, ...fields)).toEqual({
      name: "answer-ticket",
      userId: "user-1",
      sessionId: "session-9",
      release: "r-77",
      version: "2.0.0",
      environment: "staging",
      public: true,
      tags: ["beta", "eu"],
      metadata: { tenant: "acme" },
      input: { q: 1 },
      output: "trace out",
    });
  });
});

test("plain OpenTelemetry spans keep their kinds, links and events", () => {
  const { events } = decodeOtlp(readFixture("otel-js-gen-ai.bin"), "protobuf", { nowUs: NOW_US });
  const [chat, root] = events.observations;
  expect(chat).toMatchObject({
    type: "GENERATION",
    parentObservationId: root?.id,
    input: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hi" },
    ],
    output: { role: "assistant", content: "Hello" },
    metadata: {
      kind: "CLIENT",
      links: [{ traceId: root?.traceId, spanId: root?.id, attributes: { why: "cause" } }],
      events: [{ name: "retry", attributes: { attempt: 1 } }],
    },
  });
  expect(root).toMatchObject({
    type: "SPAN",
    level: "ERROR",
    statusMessage: "upstream",
    metadata: { kind: "SERVER", attributes: { ratio: 0.25, ok: true, nums: [1, 2.5], empty: "" } },
  });
});
