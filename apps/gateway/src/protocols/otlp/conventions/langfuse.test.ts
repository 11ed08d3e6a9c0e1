import { stampOf } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { decodeFixture, decodeSpan } from "../fixtures/decode-fixture.ts";
import { TRACE_ID, type Values } from "../fixtures/export-of.ts";

const T = 1_767_323_045_000_000;

function observe(attributes: Values, around?: Parameters<typeof decodeSpan>[1]) {
  return decodeSpan({ attributes }, around).observation;
}

describe("a trace of the Python SDK 3", () => {
  const { events, rejected } = decodeFixture("langfuse-python-3.json");
  const [root, generation] = events.observations;

  test("gives an observation for each span", () => {
    expect(rejected).toBe(0);
    expect(root).toEqual({
      id: "00000000000000a1",
      traceId: TRACE_ID,
      stamp: stampOf(T + 900_000),
      type: "SPAN",
      name: "rag-pipeline",
      startTimeUs: T,
      endTimeUs: T + 900_000,
      version: "7",
      environment: "production",
      metadata: {
        resourceAttributes: { "telemetry.sdk.language": "python", "service.name": "rag" },
        scope: { name: "langfuse-sdk", version: "3.2.1", attributes: { public_key: "pk-lf-1" } },
        from: "whole",
        step: 1,
        ratio: 0.5,
        note: "plain",
        // What it says of the trace.
        tenant: "acme",
        limits: { max: 3 },
      },
    });
  });

  test("gives a generation with all that the SDK says of it", () => {
    expect(generation).toMatchObject({
      // Sent as a span: up to 3.3.0 the SDK knew no better.
      type: "GENERATION",
      parentObservationId: "00000000000000a1",
      model: "gpt-4o",
      modelParameters: { temperature: 0.1, stop: '["a"]' },
      input: [{ role: "user", content: "why?" }],
      output: "because",
      usageDetails: { input: 10, output: 5, total: 15 },
      costDetails: { total: 0.25 },
      completionStartTimeUs: T + 300_000,
      promptName: "answer-prompt",
      promptVersion: "3",
      level: "WARNING",
      statusMessage: "slow",
    });
  });

  test("tells the trace what was said of it, and when it began", () => {
    expect(events.traces).toEqual([
      {
        id: TRACE_ID,
        stamp: stampOf(T, "derived"),
        timestampUs: T,
        tags: ["beta", "rag"],
        metadata: { from: "whole", step: 1, ratio: 0.5, note: "plain" },
      },
      {
        id: TRACE_ID,
        stamp: stampOf(T),
        name: "rag",
        userId: "u-1",
        sessionId: "s-1",
        release: "v1.2",
        version: "7",
        public: true,
        input: { question: "why?" },
        output: "because",
        environment: "production",
        metadata: { tenant: "acme", limits: { max: 3 } },
      },
    ]);
  });
});

describe("type", () => {
  test.each([
    "span",
    "GENERATION",
    "Event",
    "agent",
    "tool",
    "chain",
    "retriever",
    "guardrail",
    "evaluator",
    "embedding",
  ])("%s is taken in any case", (type) =>
    expect(observe({ "langfuse.observation.type": type }).type).toBe(type.toUpperCase()),
  );

  test("an unknown one is none", () => expect(observe({ "langfuse.observation.type": "thing" }).type).toBe("SPAN"));

  test("a model implies a generation where no type was given", () => {
    expect(observe({ "langfuse.observation.model.name": "m" }).type).toBe("GENERATION");
  });

  test.each([
    ["3.3.0", "python", "GENERATION"],
    ["2.9.9", "python", "GENERATION"],
    ["3.4.0", "python", "SPAN"],
    ["4.0.0", "python", "SPAN"],
    ["", "python", "SPAN"],
    ["3.3.0", "nodejs", "SPAN"],
  ])("a span with a model of SDK %s for %s is a %s", (version, language, type) => {
    const around = { scope: { name: "langfuse-sdk", version }, resource: { "telemetry.sdk.language": language } };
    const attributes = { "langfuse.observation.type": "span", "langfuse.observation.usage_details": '{"input":1}' };
    expect(observe(attributes, around).type).toBe(type);
    expect(observe({ "langfuse.observation.type": "span" }, around).type).toBe("SPAN");
  });
});

describe("fields of an observation", () => {
  test.each([
    ["debug", "DEBUG"],
    ["TRACE", "DEBUG"],
    ["Info", "DEFAULT"],
    ["warn", "WARNING"],
    ["critical", "ERROR"],
    ["loud", undefined],
  ])("level %s is %s", (sent, level) => expect(observe({ "langfuse.observation.level": sent }).level).toBe(level));

  test("usage in OpenAI's shape comes out disjoint", () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 30,
      total_tokens: 130,
      prompt_tokens_details: { cached_tokens: 80 },
    };
    expect(observe({ "langfuse.observation.usage_details": JSON.stringify(usage) }).usageDetails).toEqual({
      input: 20,
      input_cached_tokens: 80,
      output: 30,
      total: 130,
    });
  });

  test("usage, costs and parameters may be objects; what is neither is nothing", () => {
    expect(observe({ "langfuse.observation.usage_details": { input: 3 } }).usageDetails).toEqual({ input: 3 });
    for (const sent of ["lots", "[1]", "{}", '{"input":-1}', '{"input":"x"}']) {
      const event = observe({
        "langfuse.observation.usage_details": sent,
        "langfuse.observation.cost_details": sent,
        "langfuse.observation.model.parameters": sent === '{"input":-1}' || sent === '{"input":"x"}' ? "" : sent,
      });
      expect([event.usageDetails, event.costDetails, event.modelParameters]).toEqual([undefined, undefined, undefined]);
    }
  });

  test("parameters that are neither text nor numbers become JSON text", () => {
    const sent =
      '{"stop":["a","b"],"max_tokens":"1000","top_p":0.5,"stream":true,"seed":null,"format":{"type":"text"}}';
    expect(observe({ "langfuse.observation.model.parameters": sent }).modelParameters).toEqual({
      stop: '["a","b"]',
      max_tokens: "1000",
      top_p: 0.5,
      stream: "true",
      seed: "null",
      format: '{"type":"text"}',
    });
  });

  test.each([
    ["2026-01-02T03:04:06.5Z", T + 1_500_000],
    ['"2026-01-02T03:04:06Z"', T + 1_000_000],
    ["yesterday", undefined],
    ["9999-12-31T00:00:00Z", undefined],
    ["1960-01-01T00:00:00Z", undefined],
  ])("completion start %s", (sent, timeUs) => {
    expect(observe({ "langfuse.observation.completion_start_time": sent }).completionStartTimeUs).toBe(timeUs);
  });

  test("a prompt is linked to generations only, and only with name and version", () => {
    const prompt = { "langfuse.prompt.name": "p", "langfuse.prompt.version": "2" };
    expect(observe({ ...prompt, "langfuse.observation.type": "generation" })).toMatchObject({
      promptName: "p",
      promptVersion: "2",
    });
    expect(observe({ ...prompt, "langfuse.observation.type": "tool" })).not.toHaveProperty("promptName");
    expect(observe({ "langfuse.prompt.name": "p", "langfuse.observation.type": "generation" })).not.toHaveProperty(
      "promptName",
    );
  });

  test("the model that the Rust system reads is read too", () => {
    expect(observe({ "langfuse.generation.model": "m" }).model).toBe("m");
  });

  test("names are cut where an index could not hold them", () => {
    const { observation, traces } = decodeSpan({
      name: "n".repeat(600),
      attributes: { "user.id": "u".repeat(600), "langfuse.observation.model.name": "m".repeat(600) },
    });
    expect(observation.name).toHaveLength(512);
    expect(observation.model).toHaveLength(512);
    expect(traces.find(({ userId }) => userId)?.userId).toHaveLength(512);
  });

  test("metadata that is no object has a key of its own", () => {
    expect(observe({ "langfuse.observation.metadata": "[1]" }).metadata).toEqual({ metadata: [1] });
    expect(
      observe({ "langfuse.observation.metadata": "[1]", "langfuse.observation.metadata.a": true }).metadata,
    ).toEqual({
      metadata: [1],
      a: true,
    });
  });

  test("what a span says of its trace is its own too, unless it says otherwise of itself", () => {
    const attributes = {
      "langfuse.trace.metadata.tenant": "acme",
      "langfuse.trace.metadata.step": "1",
      "langfuse.metadata.region": "eu",
      "langfuse.observation.metadata.step": "2",
    };
    expect(observe(attributes).metadata).toEqual({ tenant: "acme", region: "eu", step: 2 });
  });

  test("attributes that no field repeats stay in metadata", () => {
    const attributes = {
      "langfuse.observation.type": "span",
      "langfuse.experiment.id": "e1",
      "user.id": "u",
      "http.route": "/x",
    };
    expect(observe(attributes, { scope: { name: "langfuse-sdk" } }).metadata).toEqual({
      attributes: { "langfuse.experiment.id": "e1", "http.route": "/x" },
      scope: { name: "langfuse-sdk" },
    });
  });

  test("the user's own metadata wins over ours, also under hostile names", () => {
    const metadata = observe({
      x: 1,
      "langfuse.observation.metadata.attributes": "mine",
      "langfuse.observation.metadata.__proto__": '{"polluted":1}',
    }).metadata;
    expect(JSON.stringify(metadata)).toBe('{"attributes":"mine","__proto__":{"polluted":1}}');
    expect("polluted" in {}).toBe(false);
  });
});
