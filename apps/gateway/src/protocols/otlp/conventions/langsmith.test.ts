import { describe, expect, test } from "vitest";
import { decodeFixture, decodeSpan } from "../fixtures/decode-fixture.ts";

describe("langsmith 0.12", () => {
  const { events } = decodeFixture("langsmith.json");
  const byName = (name: string) => events.observations.find((observation) => observation.name === name);

  test("records runs by its own kinds, whatever the operation is called beside", () => {
    expect(byName("answer")).toMatchObject({ type: "CHAIN", input: { input: "Weather in Paris?" } });
    expect(byName("lookup")).toMatchObject({ type: "RETRIEVER", input: { query: "Weather in Paris?" } });
    expect(byName("weather")).toMatchObject({
      type: "TOOL",
      input: { city: "Paris" },
      level: "ERROR",
      statusMessage: "Error: timeout",
    });
  });

  test("records a model's run with what it took and gave as a whole", () => {
    expect(byName("chat")).toMatchObject({
      type: "GENERATION",
      model: "gpt-4o-mini-2024-07-18",
      modelParameters: { temperature: 0.3 },
      usageDetails: { input: 40, input_cached_tokens: 10, output: 12, output_reasoning_tokens: 8, total: 70 },
      input: { model: "gpt-4o-mini", messages: [{ role: "system" }, { role: "user" }] },
      output: { id: "c1", choices: [{ message: { content: "It is 21 degrees." } }] },
    });
  });

  test("tells the trace its user, session, tags and metadata, less what is the run's own", () => {
    const said = Object.assign({}, ...events.traces);
    expect(said).toMatchObject({
      name: "answer",
      userId: "user-1",
      sessionId: "session-1",
      tags: ["beta", "eu"],
      metadata: { tenant: "acme", limits: { max: 1 }, thread_id: "session-1" },
    });
    for (const key of ["ls_method", "ls_provider", "invocation_params", "user_id"]) {
      expect(said.metadata).not.toHaveProperty(key);
    }
  });

  test("a project of LangSmith's is no session", () => {
    const project = { "langsmith.trace.session_id": "p", "langsmith.trace.session_name": "default" };
    expect(decodeSpan({ attributes: project }).traces.filter(({ sessionId }) => sessionId !== undefined)).toEqual([]);
  });
});

test("only a root names its trace", () => {
  const named = (parentSpanId: string) =>
    decodeSpan({ parentSpanId, attributes: { "langsmith.trace.name": "n" } }).traces.map(({ name }) => name);
  expect(named("")).toContain("n");
  expect(named("b".repeat(16))).not.toContain("n");
});

test("costs may come with usage", () => {
  const usage = '{"input_tokens":5,"output_tokens":1,"input_cost":0.1,"total_cost":0.3}';
  expect(decodeSpan({ attributes: { "langsmith.usage_metadata": usage } }).observation).toMatchObject({
    usageDetails: { input: 5, output: 1 },
    costDetails: { input: 0.1, total: 0.3 },
  });
});

test("a chain that passes on a model's answer has none of its usage", () => {
  const usage = { "gen_ai.usage.input_tokens": 5, "langsmith.usage_metadata": '{"input_tokens":5}' };
  const observe = (kind: string) => decodeSpan({ attributes: { ...usage, "langsmith.span.kind": kind } }).observation;
  expect(observe("chain")).not.toHaveProperty("usageDetails");
  expect(observe("llm")).toMatchObject({ usageDetails: { input: 5 } });
});
