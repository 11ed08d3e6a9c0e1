import { describe, expect, test } from "vitest";
import { decodeFixture, decodeSpan } from "../fixtures/decode-fixture.ts";
import type { SpanGiven } from "../fixtures/export-of.ts";

describe("mlflow-tracing 3.17", () => {
  const { events } = decodeFixture("mlflow.json");
  const [tool, chat] = events.observations;

  test("records a tool", () => {
    expect(tool).toMatchObject({ type: "TOOL", name: "weather", input: { city: "Paris" }, output: { celsius: 21 } });
    expect(tool).not.toHaveProperty("level");
  });

  test("records a generation", () => {
    expect(chat).toMatchObject({
      type: "GENERATION",
      name: "Completions",
      model: "gpt-4o-mini",
      usageDetails: { input: 40, input_cached_tokens: 10, output: 20, total: 70 },
      costDetails: { input: 0.25, output: 0.5, total: 0.75 },
      input: { messages: [{ role: "user", content: "Weather in Paris?" }], model: "gpt-4o-mini" },
      output: { choices: [{ message: { role: "assistant", content: "It is 21 degrees." } }] },
    });
    expect(Object.keys((chat?.metadata?.["attributes"] ?? {}) as object)).not.toContain("mlflow.spanInputs");
  });
});

test("an agent's counts are those of its children", () => {
  const attributes = { "mlflow.spanType": '"AGENT"', "mlflow.chat.tokenUsage": '{"input_tokens":5}' };
  expect(decodeSpan({ attributes }).observation).not.toHaveProperty("usageDetails");
});

test.each<[string, SpanGiven["status"], string | undefined]>([
  ["20", {}, undefined],
  ["10", {}, "DEBUG"],
  ["30", {}, "WARNING"],
  ["30", { code: 2 }, "ERROR"],
])("level %s of a span with status %j is %s", (level, status, expected) => {
  const { observation } = decodeSpan({ status: status ?? {}, attributes: { "mlflow.spanLogLevel": level } });
  expect(observation.level).toBe(expected);
});

test.each([
  ["LLM", "GENERATION"],
  ["AGENT", "AGENT"],
  ["TOOL", "TOOL"],
  ["RERANKER", "RETRIEVER"],
  ["PARSER", "CHAIN"],
  ["EMBEDDING", "EMBEDDING"],
  ["UNKNOWN", "SPAN"],
])("a span of type %s is a %s", (type, expected) => {
  expect(decodeSpan({ attributes: { "mlflow.spanType": JSON.stringify(type) } }).observation.type).toBe(expected);
});

test("a text comes out of its quotation marks", () => {
  const { observation } = decodeSpan({ attributes: { "mlflow.spanInputs": '"Hi"', "mlflow.spanOutputs": '"Hello"' } });
  expect(observation).toMatchObject({ input: "Hi", output: "Hello" });
});

test("the root tells the trace its name, user, session and tags", () => {
  const { traces } = decodeSpan({
    name: "predict",
    attributes: {
      "mlflow.traceName": "support",
      "mlflow.trace.user": "user-1",
      "mlflow.trace.session": '"session-1"',
      "mlflow.traceTag.tenant": "acme",
    },
  });
  expect(Object.assign({}, ...traces)).toMatchObject({
    name: "support",
    userId: "user-1",
    sessionId: "session-1",
    metadata: { tenant: "acme" },
  });
});
