import * as traceloop from "@traceloop/node-server-sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { basicAuth } from "../../src/test-system.ts";
import { apiOf, type Json } from "../support/api.ts";
import { byName } from "../support/by-name.ts";
import { describeStandalone } from "../support/each-system.ts";
import { FAKE_ANSWER, FAKE_MODEL, FAKE_TOOL_CALL, startFakeOpenAi, type FakeOpenAi } from "../support/fake-openai.ts";
import { expectFiftyReadable, FIFTY_TIMEOUT_MS } from "../support/fifty-writes.ts";

const MESSAGES = [
  { role: "system" as const, content: "You are brief." },
  { role: "user" as const, content: "Wo ist es? 📦" },
];

describeStandalone("Traceloop", ({ system, soon }) => {
  let models: FakeOpenAi;
  let openai: OpenAI;

  beforeAll(async () => {
    models = await startFakeOpenAi();
    const { baseUrl, projectA } = system();
    traceloop.initialize({
      appName: "support-bot",
      baseUrl: `${baseUrl}/api/public/otel`,
      headers: { Authorization: basicAuth(projectA) },
      // Its types name the CommonJS build of the class.
      instrumentModules: { openAI: OpenAI as never },
      silenceInitializationMessage: true,
    });
    openai = new OpenAI({ apiKey: "none", baseURL: models.baseUrl, maxRetries: 0 });
  });
  afterAll(async () => {
    await Promise.all([traceloop.forceFlush(), models.close()]);
  });

  const read = (path: string): Promise<Json> => apiOf(system(), system().projectA).read(`/api/public/${path}`);
  /** The SDK says no trace ids, so a trace is found by its user. */
  async function traceOf(userId: string): Promise<Json> {
    const { data } = await read(`traces?userId=${userId}`);
    return await read(`traces/${data[0].id}`);
  }

  test("a workflow with a task, a tool and a chat", async () => {
    const association = { user_id: "user-6", session_id: "traceloop-session", tenant: "acme" };
    await traceloop.withWorkflow(
      { name: "handle_ticket", associationProperties: association },
      async (question: string) => {
        await traceloop.withTool({ name: "lookup_order" }, async (orderId: number) => `order ${orderId}`, 42);
        return await traceloop.withTask({ name: "compose" }, async () => {
          const answer = await openai.chat.completions.create({
            model: "gpt-4o",
            messages: MESSAGES,
            temperature: 0.2,
            top_p: 0.9,
          });
          return { question, answer: answer.choices[0]?.message.content };
        });
      },
      "Where?",
    );
    await traceloop.forceFlush();
    const trace = await soon(() => traceOf("user-6"));
    expect(trace).toMatchObject({
      name: "handle_ticket",
      userId: "user-6",
      sessionId: "traceloop-session",
      metadata: { tenant: "acme" },
      output: { question: "Where?", answer: FAKE_ANSWER },
      totalTokens: 150,
    });
    const named = byName<Json>(trace.observations);
    const workflow = named("handle_ticket.workflow");
    expect(workflow).toMatchObject({ type: "CHAIN", parentObservationId: null });
    expect(named("lookup_order.tool")).toMatchObject({
      type: "TOOL",
      parentObservationId: workflow.id,
      input: { args: [42], kwargs: {} },
      output: "order 42",
    });
    expect(named("compose.task")).toMatchObject({ type: "CHAIN", parentObservationId: workflow.id });
    expect(named("chat gpt-4o")).toMatchObject({
      type: "GENERATION",
      parentObservationId: named("compose.task").id,
      model: FAKE_MODEL,
      modelParameters: { temperature: 0.2, top_p: 0.9 },
      input: MESSAGES,
      output: { role: "assistant", content: FAKE_ANSWER },
      usageDetails: { input: 120, output: 30, total: 150 },
    });
  });

  test("an agent with a stream and a tool call", async () => {
    const ask = { model: "gpt-4o", messages: MESSAGES };
    await traceloop.withAgent({ name: "agent", associationProperties: { user_id: "user-7" } }, async () => {
      const stream = await openai.chat.completions.create({
        ...ask,
        stream: true,
        stream_options: { include_usage: true },
      });
      for await (const chunk of stream) expect(chunk.id).toBeTruthy();
      const parameters = { type: "object", properties: { orderId: { type: "number" } } };
      const tools = [{ type: "function" as const, function: { name: "lookup_order", parameters } }];
      await openai.chat.completions.create({ ...ask, tools });
    });
    await traceloop.forceFlush();
    const trace = await soon(
      () => traceOf("user-7"),
      ({ observationCount }) => observationCount === 3,
    );
    const agent = byName<Json>(trace.observations)("agent.agent");
    expect(agent).toMatchObject({ type: "AGENT", parentObservationId: null });
    const generations = trace.observations.filter(({ type }: Json) => type === "GENERATION");
    expect(generations.map(({ parentObservationId }: Json) => parentObservationId)).toEqual([agent.id, agent.id]);
    const answers = generations.map(({ output }: Json) => output);
    expect(answers).toContainEqual({ role: "assistant", content: FAKE_ANSWER });
    expect(answers).toContainEqual(expect.objectContaining({ tool_calls: [FAKE_TOOL_CALL] }));
    // Of a stream the instrumentation counts the tokens itself.
    expect(generations.every(({ totalTokens }: Json) => totalTokens > 0)).toBe(true);
  });

  test(
    "fifty writes are readable at once",
    async () => {
      await expectFiftyReadable(
        "Traceloop",
        async (index) => {
          const user = `traceloop-of-fifty-${index}`;
          await traceloop.withTask({ name: "one of fifty", associationProperties: { user_id: user } }, () =>
            openai.chat.completions.create({ model: "gpt-4o", messages: MESSAGES }),
          );
          await traceloop.forceFlush();
          return user;
        },
        traceOf,
      );
    },
    FIFTY_TIMEOUT_MS,
  );
});
