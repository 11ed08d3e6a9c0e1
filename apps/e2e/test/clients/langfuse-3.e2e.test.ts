import { Langfuse } from "langfuse";
import { afterEach, expect, test } from "vitest";
import type { TestSystem } from "../../src/test-system.ts";
import { apiOf, type Json } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";

const clients: Langfuse[] = [];

function connect({ baseUrl, projectA: { publicKey, secretKey } }: TestSystem): Langfuse {
  // A flush is asked for by the tests, as a short-lived program does.
  const client = new Langfuse({
    publicKey,
    secretKey,
    baseUrl,
    release: "r-1",
    environment: "staging",
    flushAt: 10_000,
  });
  client.on("error", (error) => failures.push(error));
  clients.push(client);
  return client;
}

const failures: unknown[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.shutdownAsync()));
  const seen = failures.splice(0);
  if (seen.length > 0) throw new AggregateError(seen, "the client could not deliver");
});

describeEachSystem("langfuse 3", ({ system, soon }) => {
  /** This client prints an error for what is not there yet, so waiting is done without it. */
  async function visible(path: string, accept?: (body: Json) => boolean): Promise<void> {
    await soon(() => apiOf(system(), system().projectA).read(`/api/public/${path}`), accept);
  }

  test("a trace comes back with all its fields", async () => {
    const client = connect(system());
    const sent = {
      timestamp: new Date("2026-03-01T10:00:00.123Z"),
      name: "answer-ticket",
      userId: "user-7",
      sessionId: "session-7",
      version: "2.1.0",
      tags: ["eu", "beta"],
      metadata: { tenant: "acme", nested: { deep: [1, { ok: true }] } },
      input: { question: "Wo ist 我的订单? 📦", list: [1, 2.5, null, false, "x"] },
      output: "Shipped ✓",
      public: true,
    };
    const trace = client.trace(sent);
    await client.flushAsync();

    await visible(`traces/${trace.id}`);
    const { data } = await client.fetchTrace(trace.id);
    expect(data).toMatchObject({
      ...sent,
      id: trace.id,
      timestamp: "2026-03-01T10:00:00.123Z",
      tags: ["beta", "eu"],
      release: "r-1",
      environment: "staging",
      observations: [],
      scores: [],
      latency: 0,
      totalCost: 0,
    });
    expect(data.htmlPath).toContain(trace.id);
  });

  test("nested observations keep their tree, types, usage, cost and times", async () => {
    const client = connect(system());
    const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 10, 0, second));
    const trace = client.trace({ name: "tree", timestamp: at(0) });
    const span = trace.span({ name: "retrieve", startTime: at(1), input: ["query"], version: "s1" });
    const generation = span.generation({
      name: "complete",
      startTime: at(2),
      completionStartTime: at(3),
      model: "gpt-4o",
      modelParameters: { temperature: 0.2, max_tokens: 256, stop: ["END"] },
      input: [{ role: "user", content: "Hi" }],
      promptName: "compose",
      promptVersion: 7,
    } as Parameters<typeof span.generation>[0]);
    const event = generation.event({ name: "cache-hit", startTime: at(2), metadata: { key: "k" } });
    generation.end({
      output: { role: "assistant", content: "Hello" },
      usageDetails: { prompt_tokens: 120, completion_tokens: 30, total_tokens: 150 },
      costDetails: { input: 0.001, output: 0.002, total: 0.003 },
      level: "WARNING",
      statusMessage: "slow",
    });
    span.update({ metadata: { hits: 3 } });
    span.update({ endTime: at(6), output: "found" });
    await client.flushAsync();

    await visible(`traces/${trace.id}`);
    const { data } = await client.fetchTrace(trace.id);
    const byName = new Map(data.observations.map((observation) => [observation.name, observation]));
    expect(new Set(byName.keys())).toEqual(new Set(["cache-hit", "complete", "retrieve"]));
    expect(byName.get("retrieve")).toMatchObject({
      id: span.id,
      type: "SPAN",
      parentObservationId: null,
      input: ["query"],
      output: "found",
      metadata: { hits: 3 },
      version: "s1",
      startTime: "2026-03-01T10:00:01.000Z",
      endTime: "2026-03-01T10:00:06.000Z",
      latency: 5,
      environment: "staging",
    });
    expect(byName.get("complete")).toMatchObject({
      id: generation.id,
      type: "GENERATION",
      parentObservationId: span.id,
      model: "gpt-4o",
      modelParameters: { temperature: 0.2, max_tokens: 256, stop: ["END"] },
      input: [{ role: "user", content: "Hi" }],
      output: { role: "assistant", content: "Hello" },
      usage: { input: 120, output: 30, total: 150, unit: "TOKENS" },
      promptTokens: 120,
      completionTokens: 30,
      totalTokens: 150,
      usageDetails: { input: 120, output: 30, total: 150 },
      costDetails: { input: 0.001, output: 0.002, total: 0.003 },
      calculatedTotalCost: 0.003,
      level: "WARNING",
      statusMessage: "slow",
      promptName: "compose",
      promptVersion: 7,
      completionStartTime: "2026-03-01T10:00:03.000Z",
      timeToFirstToken: 1,
    });
    expect(byName.get("cache-hit")).toMatchObject({
      id: event.id,
      type: "EVENT",
      parentObservationId: generation.id,
      metadata: { key: "k" },
    });
    expect(data.totalCost).toBeCloseTo(0.003, 10);
    const single = await client.fetchObservation(generation.id);
    expect(single.data).toEqual(byName.get("complete"));
  });

  test("the older usage object with its costs is understood", async () => {
    const client = connect(system());
    const trace = client.trace({ name: "old usage" });
    const usage = {
      input: 10,
      output: 5,
      total: 15,
      unit: "CHARACTERS",
      inputCost: 0.5,
      outputCost: 0.25,
      totalCost: 0.75,
    } as const;
    const generation = trace.generation({ name: "g", usage, startTime: new Date(1_000), endTime: new Date(3_500) });
    const openai = trace.generation({ name: "o", usage: { promptTokens: 3, completionTokens: 4, totalTokens: 7 } });
    await client.flushAsync();
    await visible(`observations/${generation.id}`);
    const { data } = await client.fetchObservation(generation.id);
    expect(data).toMatchObject({ usage, unit: "CHARACTERS", calculatedInputCost: 0.5, latency: 2.5 });
    expect((await client.fetchObservation(openai.id)).data).toMatchObject({
      promptTokens: 3,
      completionTokens: 4,
      totalTokens: 7,
    });
    expect((await client.fetchTrace(trace.id)).data.totalCost).toBe(0.75);
  });

  test("updates merge into what was created, also from another process and out of order", async () => {
    const [client, other] = [connect(system()), connect(system())];
    const trace = client.trace({ name: "first", userId: "u", tags: ["a"], metadata: { one: 1, both: "first" } });
    const span = trace.span({ name: "work", input: "in", metadata: { a: 1 } });
    trace.update({ name: "second", tags: ["b"], metadata: { two: 2, both: "second" }, output: "done" });
    // The end arrives before the beginning: another client sends it, and the first one flushes later.
    other.span({ traceId: trace.id, id: span.id }).end({ output: "out", metadata: { b: 2 } });
    await other.flushAsync();
    await client.flushAsync();

    await visible(`traces/${trace.id}`, ({ observations: [found] }) => found?.input === "in" && found.output === "out");
    const { data } = await client.fetchTrace(trace.id);
    expect(data).toMatchObject({
      name: "second",
      userId: "u",
      tags: ["a", "b"],
      metadata: { one: 1, two: 2, both: "second" },
      output: "done",
    });
    expect(data.observations).toHaveLength(1);
    expect(data.observations[0]).toMatchObject({ name: "work", input: "in", output: "out", metadata: { a: 1, b: 2 } });
    expect(data.observations[0]?.endTime).not.toBeNull();
  });

  test("observations without a trace call show up in a trace of their own", async () => {
    const client = connect(system());
    const span = client.span({ name: "alone", traceId: "trace-of-alone" });
    await client.flushAsync();
    await visible("traces/trace-of-alone");
    const { data } = await client.fetchTrace("trace-of-alone");
    expect(data.observations.map(({ id }) => id)).toEqual([span.id]);
  });

  test("scores of all types hang on trace, observation and session", async () => {
    const client = connect(system());
    const trace = client.trace({ name: "scored", sessionId: "scored-session" });
    const generation = trace.generation({ name: "g" });
    trace.score({ name: "quality", value: 0.75, comment: "good", dataType: "NUMERIC" });
    trace.score({ name: "verdict", value: "correct", dataType: "CATEGORICAL" });
    generation.score({ name: "grounded", value: 1, dataType: "BOOLEAN" });
    client.score({ name: "overall", value: 4, sessionId: "scored-session" });
    await client.flushAsync();

    await visible(`traces/${trace.id}`);
    const { data } = await client.fetchTrace(trace.id);
    const scores = new Map(data.scores.map((score) => [score.name, score]));
    expect(scores.get("quality")).toMatchObject({
      value: 0.75,
      dataType: "NUMERIC",
      comment: "good",
      observationId: null,
    });
    expect(scores.get("verdict")).toMatchObject({ stringValue: "correct", dataType: "CATEGORICAL" });
    expect(scores.get("grounded")).toMatchObject({
      value: 1,
      stringValue: "True",
      dataType: "BOOLEAN",
      observationId: generation.id,
    });
    expect(scores.size).toBe(3);
  });
});
