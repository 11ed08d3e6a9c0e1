import { setTimeout as sleep } from "node:timers/promises";
import { Langfuse } from "langfuse";
import { afterAll, describe, expect, test } from "vitest";
import { apiOf, type Json } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";
import { VISIBLE_WITHIN_MS } from "../support/read-back.ts";

/* What the client's own end-to-end suite does: write, flush, sleep for a second, read once. */
describeEachSystem("langfuse 3 flows", ({ system, soon }) => {
  let client: Langfuse | undefined;
  function connected(): Langfuse {
    const { baseUrl, projectA } = system();
    client ??= new Langfuse({ publicKey: projectA.publicKey, secretKey: projectA.secretKey, baseUrl, flushAt: 10_000 });
    return client;
  }
  afterAll(async () => {
    await client?.shutdownAsync();
  });

  const read = (path: string) => apiOf(system(), system().projectA).read(`/api/public/${path}`);
  const visible = (path: string, accept?: (body: Json) => boolean) => soon(() => read(path), accept);

  test("lists filter by name, user, session, tags, environment and time", async () => {
    const langfuse = connected();
    for (const index of [0, 1, 2]) {
      langfuse.trace({
        id: `listed-${index}`,
        name: index === 2 ? "other" : "listed",
        userId: `list-user-${index % 2}`,
        sessionId: "list-session",
        tags: ["listed", `tag-${index}`],
        environment: index === 0 ? "production" : "testing",
        timestamp: new Date(Date.UTC(2026, 0, 1 + index)),
        version: `v${index}`,
        release: "r",
      });
      langfuse.generation({
        traceId: `listed-${index}`,
        id: `listed-generation-${index}`,
        name: "g",
        startTime: new Date(Date.UTC(2026, 0, 1 + index)),
      });
      langfuse.event({ traceId: `listed-${index}`, id: `listed-event-${index}`, name: "e", level: "ERROR" });
    }
    await langfuse.flushAsync();
    await visible("traces/listed-2");

    const ids = async (query: Parameters<Langfuse["fetchTraces"]>[0]) =>
      (await langfuse.fetchTraces(query)).data.map(({ id }) => id);
    expect(await ids({ tags: ["listed"] as never })).toEqual(["listed-2", "listed-1", "listed-0"]);
    expect(await ids({ name: "listed", orderBy: "timestamp.asc" })).toEqual(["listed-0", "listed-1"]);
    expect(await ids({ userId: "list-user-1" })).toEqual(["listed-1"]);
    expect(await ids({ sessionId: "list-session", version: "v2" })).toEqual(["listed-2"]);
    const tagged = await read("traces?tags=listed&tags=tag-1");
    expect(tagged.data.map(({ id }: Json) => id)).toEqual(["listed-1"]);
    expect(await ids({ tags: "listed", environment: "production" } as never)).toEqual(["listed-0"]);
    // From is inclusive, to is exclusive.
    const range = { fromTimestamp: "2026-01-01T00:00:00Z", toTimestamp: "2026-01-02T00:00:00Z", tags: "listed" };
    expect(await ids(range as never)).toEqual(["listed-0"]);
    const page = await langfuse.fetchTraces({ sessionId: "list-session", limit: 2, page: 2 });
    expect(page.meta).toMatchObject({ page: 2, limit: 2, totalItems: 3, totalPages: 2 });
    expect(page.data).toHaveLength(1);
    expect(page.data[0]?.observations.toSorted()).toEqual(["listed-event-0", "listed-generation-0"]);

    const observations = await langfuse.fetchObservations({ type: "GENERATION", userId: "list-user-0" });
    expect(observations.data.map(({ id }) => id)).toEqual(["listed-generation-2", "listed-generation-0"]);
    expect((await langfuse.fetchObservations({ traceId: "listed-1", name: "e" })).data.map(({ id }) => id)).toEqual([
      "listed-event-1",
    ]);
  });

  test("a session sums up its traces", async () => {
    const langfuse = connected();
    for (const index of [1, 2]) {
      const trace = langfuse.trace({
        sessionId: "sum-session",
        userId: `sum-user-${index}`,
        timestamp: new Date(Date.UTC(2026, 1, index)),
      });
      trace.generation({
        name: "g",
        usageDetails: { input: 10 * index, output: index },
        costDetails: { input: 0.25, output: 0.5 },
      });
    }
    await langfuse.flushAsync();
    await visible("sessions/sum-session");

    const { data } = await langfuse.fetchSessions({});
    expect(data.find(({ id }) => id === "sum-session")).toMatchObject({ createdAt: "2026-02-01T00:00:00.000Z" });
    expect(await read("sessions/sum-session")).toMatchObject({
      countTraces: 2,
      firstTimestamp: "2026-02-01T00:00:00.000Z",
      lastTimestamp: "2026-02-02T00:00:00.000Z",
      userIds: ["sum-user-1", "sum-user-2"],
      totalCost: 1.5,
      promptTokens: 30,
      completionTokens: 3,
      totalTokens: 33,
    });
  });

  test("latency and cost of a trace are computed from its observations", async () => {
    const langfuse = connected();
    const at = (ms: number) => new Date(Date.UTC(2026, 2, 1) + ms);
    const trace = langfuse.trace({ timestamp: at(0) });
    trace.span({ startTime: at(1_000), endTime: at(2_500) });
    trace.generation({ startTime: at(2_000), endTime: at(9_250), costDetails: { total: 0.125 } });
    trace.generation({ startTime: at(2_000), endTime: at(3_000), costDetails: { input: 0.25, output: 0.5 } });
    await langfuse.flushAsync();
    await visible(`traces/${trace.id}`);
    const { data } = await langfuse.fetchTrace(trace.id);
    expect(data).toMatchObject({ latency: 8.25, totalCost: 0.875 });
    const listed = (await langfuse.fetchTraces({ orderBy: "timestamp.asc" })).data.find(({ id }) => id === trace.id);
    expect(listed).toMatchObject({ latency: 8.25, totalCost: 0.875 });
  });

  describe("values of every kind survive", () => {
    const values: ReadonlyArray<readonly [string, unknown]> = [
      ["a text", "plain"],
      ["an empty text", ""],
      ["a text that looks like JSON", '{"a": [1]}'],
      ["unicode", "Zürich 北京 🧵 \u200d é ﷽ \u2028"],
      ["a number", 12.5],
      ["zero", 0],
      ["true", true],
      ["false", false],
      ["a list", [1, "two", null, [true]]],
      ["an empty list", []],
      ["an empty object", {}],
      ["awkward keys", { "": 1, "a.b": { $ref: "#" }, __proto: 2, constructor: 3, ключ: [{}] }],
      ["control characters", "tab\tnewline\nreturn\rescape\u001b"],
    ];
    test("as input, output and metadata", async () => {
      const langfuse = connected();
      for (const [name, value] of values) {
        langfuse.span({
          traceId: "kinds",
          id: `kind ${name}`,
          name,
          input: value,
          output: { value },
          metadata: { value },
        });
      }
      await langfuse.flushAsync();
      await visible("traces/kinds", (body) => body.observations.length === values.length);
      const { data } = await langfuse.fetchTrace("kinds");
      const stored = new Map(data.observations.map((observation) => [observation.name, observation]));
      for (const [name, value] of values) {
        expect.soft(stored.get(name), name).toMatchObject({ id: `kind ${name}` });
        expect.soft(stored.get(name)?.input, name).toEqual(value);
        expect.soft(stored.get(name)?.output, name).toEqual({ value });
        expect.soft(stored.get(name)?.metadata, name).toEqual({ value });
      }
    });
  });

  test("five hundred observations in one flush are all there", async () => {
    const langfuse = connected();
    const trace = langfuse.trace({ name: "many" });
    const ids = Array.from({ length: 500 }, (_, index) => {
      const generation = trace.generation({ name: `g-${index}`, input: "x".repeat(200) });
      generation.end({ output: index, usageDetails: { input: 2, output: 1 } });
      return generation.id;
    });
    await langfuse.flushAsync();
    await visible(`traces/${trace.id}?fields=core`, ({ completionTokens }) => completionTokens === 500);
    const body = await read(`traces/${trace.id}`);
    expect(body.observations.filter(({ endTime, output }: Json) => endTime === null || output === null)).toEqual([]);
    expect(body.observations.map(({ id }: Json) => id).toSorted()).toEqual(ids.toSorted());
    expect(body).toMatchObject({ promptTokens: 1_000, completionTokens: 500, totalTokens: 1_500 });
  });

  test("an input close to the client's own limit of a megabyte comes back whole", async () => {
    const langfuse = connected();
    const input = { text: "ä".repeat(220_000), list: Array.from({ length: 20_000 }, (_, index) => `item ${index}`) };
    const trace = langfuse.trace({ name: "big", input });
    await langfuse.flushAsync();
    await visible(`traces/${trace.id}`);
    expect((await langfuse.fetchTrace(trace.id)).data.input).toEqual(input);
  });

  test("a second of sleep is enough, without any retry", async () => {
    const langfuse = connected();
    const trace = langfuse.trace({ name: "slept on" });
    const generation = trace.span({ name: "outer" }).generation({ name: "inner" });
    generation.end({ output: "done" });
    trace.update({ output: "all done" });
    await langfuse.flushAsync();
    await sleep(VISIBLE_WITHIN_MS);
    const { data } = await langfuse.fetchTrace(trace.id);
    expect(data.output).toBe("all done");
    expect(data.observations.find(({ id }) => id === generation.id)).toMatchObject({ output: "done" });
  });
});
