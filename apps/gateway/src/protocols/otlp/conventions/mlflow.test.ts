import { expect, test } from "vitest";
import { decodeSpan } from "../fixtures/decode-fixture.ts";
import type { Values } from "../fixtures/export-of.ts";

/** As MLflow's autologging of OpenAI's client writes them: every value is JSON text. */
const chat: Values = {
  "mlflow.traceRequestId": '"tr-5b8efff798038103d269b633813fc60c"',
  "mlflow.spanType": '"CHAT_MODEL"',
  "mlflow.spanInputs": '{"messages":[{"role":"user","content":"Hi"}],"model":"gpt-4o-mini"}',
  "mlflow.spanOutputs": '{"choices":[{"message":{"role":"assistant","content":"Hello"}}]}',
  "mlflow.chat.tokenUsage": '{"input_tokens":50,"output_tokens":20,"total_tokens":70,"cache_read_input_tokens":10}',
  "mlflow.llm.cost": '{"input_cost":0.1,"output_cost":0.2,"total_cost":0.3}',
  "mlflow.llm.model": '"gpt-4o-mini"',
  "mlflow.message.format": '"openai"',
};

test("a generation", () => {
  const { observation } = decodeSpan({ name: "Completions", attributes: chat });
  expect(observation).toMatchObject({
    type: "GENERATION",
    name: "Completions",
    model: "gpt-4o-mini",
    usageDetails: { input: 40, input_cached_tokens: 10, output: 20, total: 70 },
    costDetails: { input: 0.1, output: 0.2, total: 0.3 },
    input: { messages: [{ role: "user", content: "Hi" }], model: "gpt-4o-mini" },
    output: { choices: [{ message: { role: "assistant", content: "Hello" } }] },
  });
  expect(Object.keys((observation.metadata?.["attributes"] ?? {}) as object)).not.toContain("mlflow.spanInputs");
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
