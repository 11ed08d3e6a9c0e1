/* oxlint-disable typescript/no-deprecated -- what the client calls deprecated is what self-hosted users of it call. */
import { LangfuseClient } from "@langfuse/client";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import {
  propagateAttributes,
  setLangfuseTracerProvider,
  startActiveObservation,
  startObservation,
} from "@langfuse/tracing";
import { context } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeEachSystem } from "../support/each-system.ts";

const TYPES = [
  "span",
  "generation",
  "event",
  "embedding",
  "agent",
  "tool",
  "chain",
  "retriever",
  "evaluator",
  "guardrail",
] as const;

describeEachSystem("langfuse 5", ({ system, soon }) => {
  let provider: NodeTracerProvider;
  let client: LangfuseClient;

  beforeAll(() => {
    const { baseUrl, projectA } = system();
    const credentials = { publicKey: projectA.publicKey, secretKey: projectA.secretKey, baseUrl };
    const processor = new LangfuseSpanProcessor({ ...credentials, environment: "staging", release: "r-77" });
    const resource = resourceFromAttributes({ "service.name": "support-bot", "service.version": "1.4.2" });
    provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
    provider.register();
    setLangfuseTracerProvider(provider);
    client = new LangfuseClient(credentials);
  });
  afterAll(async () => {
    setLangfuseTracerProvider(null);
    context.disable();
    await Promise.all([provider.shutdown(), client.shutdown()]);
  });

  const trace = (id: string) => client.api.trace.get(id);

  test("a trace with all that tracing can say", async () => {
    const ids: Record<string, string> = {};
    const traceId = propagateAttributes(
      {
        traceName: "answer-ticket",
        userId: "user-1",
        sessionId: "session-9",
        tags: ["eu", "beta"],
        metadata: { tenant: "acme" },
        version: "2.0.0",
      },
      () =>
        startActiveObservation(
          "handle-ticket",
          (agent) => {
            ids["handle-ticket"] = agent.id;
            agent.update({
              input: { question: "Wo? 📦" },
              metadata: { attempt: 3, flags: ["a"], nested: { ok: true } },
            });
            const tool = agent.startObservation("lookup", { input: { orderId: 42 } }, { asType: "tool" });
            ids["lookup"] = tool.id;
            tool.update({ level: "WARNING", statusMessage: "slow upstream", output: { state: "shipped" } }).end();
            const generation = tool.startObservation(
              "compose",
              {
                model: "gpt-4o",
                modelParameters: { temperature: 0.2, max_tokens: 256 },
                input: [{ role: "user", content: "Where?" }],
                completionStartTime: new Date(Date.now() + 5),
                prompt: { name: "compose-answer", version: 7, isFallback: false },
              },
              { asType: "generation" },
            );
            ids["compose"] = generation.id;
            generation
              .update({
                output: { role: "assistant", content: "It was shipped." },
                usageDetails: { input: 120, output: 30, cache_read_input_tokens: 100 },
                costDetails: { input: 0.001, output: 0.002, total: 0.003 },
              })
              .end();
            const failing = agent.startObservation("charge", { level: "ERROR", statusMessage: "card declined" });
            failing.end();
            agent.update({ output: { answer: "It was shipped." } });
            agent.setTraceIO({ input: { q: 1 }, output: "trace out" });
            agent.setTraceAsPublic();
            return agent.traceId;
          },
          { asType: "agent" },
        ),
    );
    await provider.forceFlush();

    const read = await soon(() => trace(traceId));
    expect(read).toMatchObject({
      id: traceId,
      name: "answer-ticket",
      userId: "user-1",
      sessionId: "session-9",
      tags: ["beta", "eu"],
      metadata: { tenant: "acme" },
      version: "2.0.0",
      release: "r-77",
      environment: "staging",
      public: true,
      input: { q: 1 },
      output: "trace out",
      scores: [],
    });
    expect(read.latency).toBeGreaterThanOrEqual(0);
    expect(read.totalCost).toBeCloseTo(0.003, 10);
    const byName = new Map(read.observations.map((observation) => [observation.name ?? "", observation]));
    expect(Object.fromEntries([...byName].map(([name, { id }]) => [name, id]))).toMatchObject(ids);
    expect(byName.get("handle-ticket")).toMatchObject({
      type: "AGENT",
      parentObservationId: null,
      input: { question: "Wo? 📦" },
      output: { answer: "It was shipped." },
      metadata: { attempt: 3, flags: ["a"], nested: { ok: true } },
      environment: "staging",
      version: "2.0.0",
    });
    expect(byName.get("lookup")).toMatchObject({
      type: "TOOL",
      parentObservationId: ids["handle-ticket"],
      level: "WARNING",
      statusMessage: "slow upstream",
      output: { state: "shipped" },
    });
    expect(byName.get("compose")).toMatchObject({
      type: "GENERATION",
      parentObservationId: ids["lookup"],
      model: "gpt-4o",
      modelParameters: { temperature: 0.2, max_tokens: 256 },
      input: [{ role: "user", content: "Where?" }],
      output: { role: "assistant", content: "It was shipped." },
      usageDetails: { input: 120, output: 30, cache_read_input_tokens: 100 },
      costDetails: { input: 0.001, output: 0.002, total: 0.003 },
      promptName: "compose-answer",
      promptVersion: 7,
    });
    expect(byName.get("compose")?.completionStartTime).toBeTruthy();
    expect(byName.get("charge")).toMatchObject({ type: "SPAN", level: "ERROR", statusMessage: "card declined" });
    for (const observation of read.observations) expect(Date.parse(String(observation.endTime))).toBeGreaterThan(0);

    const url = await client.getTraceUrl(traceId);
    expect(url).toBe(`${system().baseUrl}/project/${system().projectA.projectId}/traces/${traceId}`);
    expect(read.htmlPath).toBe(new URL(url).pathname);

    const v2 = await client.api.observations.getMany({ traceId, fields: "core,basic,metadata" });
    const said = new Map(v2.data.map(({ name, metadata }) => [name, metadataOfUser(metadata)]));
    expect(said.get("handle-ticket")).toEqual({ attempt: 3, flags: ["a"], "nested.ok": true, tenant: "acme" });
    expect(said.get("lookup")).toEqual({ tenant: "acme" });
  });

  test("all ten observation types, read back one by one and as lists", async () => {
    const root = startObservation("types");
    const children = TYPES.map((type) =>
      root.startObservation(`a ${type}`, { input: type }, { asType: type as "span" }),
    );
    for (const child of children) child.end();
    root.end();
    await provider.forceFlush();
    await soon(() => trace(root.traceId));

    for (const [index, type] of TYPES.entries()) {
      const id = children[index]?.id ?? "";
      expect.soft(await client.api.legacy.observationsV1.get(id)).toMatchObject({
        id,
        traceId: root.traceId,
        type: type.toUpperCase(),
        name: `a ${type}`,
        input: type,
        parentObservationId: root.id,
      });
    }
    const tools = await client.api.legacy.observationsV1.getMany({ traceId: root.traceId, type: "TOOL" });
    expect(tools.data.map(({ name }) => name)).toEqual(["a tool"]);
    const v2 = await client.api.observations.getMany({ traceId: root.traceId, limit: 6, fields: "core,basic,io" });
    expect(v2.data).toHaveLength(6);
    const rest = await client.api.observations.getMany({ traceId: root.traceId, cursor: v2.meta.cursor ?? "" });
    const names = [...v2.data, ...rest.data].map(({ name }) => name);
    expect(names).toHaveLength(TYPES.length + 1);
    expect(new Set(names)).toEqual(new Set([...TYPES.map((type) => `a ${type}`), "types"]));
  });

  test("scores of the client reach trace, observation and session", async () => {
    const observation = startObservation("scored", {}, { asType: "generation" });
    observation.end();
    await provider.forceFlush();
    client.score.observation(observation, { name: "relevance", value: 0.5, comment: "so so" });
    client.score.trace(observation, { name: "verdict", value: "good", dataType: "CATEGORICAL" });
    client.score.create({
      name: "helpful",
      value: 1,
      dataType: "BOOLEAN",
      traceId: observation.traceId,
      metadata: { by: "me" },
    });
    client.score.create({ name: "mood", value: 3, sessionId: "scored-5" });
    await client.score.flush();

    const read = await soon(
      () => trace(observation.traceId),
      ({ scores }) => scores.length === 3,
    );
    const scores = new Map(read.scores.map((score) => [score.name, score]));
    expect(scores.get("relevance")).toMatchObject({ value: 0.5, comment: "so so", observationId: observation.id });
    expect(scores.get("verdict")).toMatchObject({ stringValue: "good", dataType: "CATEGORICAL" });
    expect(scores.get("helpful")).toMatchObject({ value: 1, stringValue: "True", metadata: { by: "me" } });

    const ofSession = await client.api.scores.getMany({ sessionId: "scored-5" });
    expect(ofSession.data).toMatchObject([{ name: "mood", value: 3, dataType: "NUMERIC", sessionId: "scored-5" }]);
    const byId = await client.api.scores.getById(ofSession.data[0]?.id ?? "");
    expect(byId).toMatchObject({ name: "mood", value: 3 });
    const ofTrace = await client.api.scores.getMany({ traceId: observation.traceId, dataType: "BOOLEAN" });
    expect(ofTrace.data.map(({ name }) => name)).toEqual(["helpful"]);
  });

  test("sessions and lists find what tracing wrote", async () => {
    const write = (userId: string) =>
      propagateAttributes(
        { sessionId: "session-of-two", userId, tags: ["listed-5"], traceName: `of ${userId}` },
        () => {
          const span = startObservation("turn", { input: userId });
          span.end();
          return span.traceId;
        },
      );
    const traceIds = ["ann", "bob"].map(write);
    await provider.forceFlush();
    const session = await soon(
      () => client.api.sessions.get("session-of-two"),
      ({ traces }) => traces.length === 2,
    );
    expect(session.traces.map(({ id }) => id).toSorted()).toEqual(traceIds.toSorted());
    expect((await client.api.sessions.list({})).data.map(({ id }) => id)).toContain("session-of-two");
    const ofBob = await client.api.trace.list({ userId: "bob", tags: ["listed-5"], fields: "core" });
    expect(ofBob.data).toMatchObject([{ id: traceIds[1], name: "of bob" }]);
    const ofStaging = await client.api.trace.list({ environment: ["staging", "other"], tags: "listed-5" });
    expect(ofStaging.meta.totalItems).toBe(2);
  });
});

/** As readers of v2 tell what users said from what the server adds. */
function metadataOfUser(metadata: unknown): Record<string, unknown> {
  const isOfServer = (key: string) => key.startsWith("scope.") || key.startsWith("resourceAttributes.");
  return Object.fromEntries(Object.entries(metadata ?? {}).filter(([key]) => !isOfServer(key)));
}
