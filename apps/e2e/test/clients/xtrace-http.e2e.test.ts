import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { apiOf, send } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";

/* What the clients of the Rust system send, over plain HTTP and with a bearer token. */
describeEachSystem("xtrace over HTTP", ({ system, soon }) => {
  const read = (path: string) => apiOf(system(), system().projectA).read(`/api/public/${path}`);

  async function post(path: string, body: unknown): Promise<void> {
    const answer = await send(`${system().baseUrl}${path}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${system().projectA.bearerToken}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(answer).toMatchObject({ status: 200, body: { message: "Request Successful." } });
  }

  test("a batch comes back with ids as they were sent", async () => {
    const [traceId, rootId, stepId] = [randomUUID(), randomUUID(), randomUUID()];
    await post("/v1/l/batch", {
      trace: {
        id: traceId,
        timestamp: "2026-02-03T04:05:06.789Z",
        name: "chat",
        session_id: "native-session",
        userId: "native-user",
        tags: ["b", "a"],
        metadata: { turn_id: "t1", run_id: "r1" },
        input: { text: "Hi" },
        output: "Hello",
        environment: "prod",
        externalId: "ext-1",
        latency: 999,
        totalCost: 999,
      },
      observations: [
        {
          id: rootId,
          traceId,
          type: "SPAN",
          name: "root",
          startTime: "2026-02-03T04:05:06Z",
          endTime: "2026-02-03T04:05:16Z",
        },
        {
          id: stepId,
          traceId,
          parentObservationId: rootId,
          name: "llm",
          startTime: "2026-02-03T04:05:07Z",
          endTime: "2026-02-03T04:05:09.500Z",
          completionStartTime: "2026-02-03T04:05:07.250Z",
          model: "qwen2.5",
          promptTokens: 11,
          completionTokens: 7,
          totalTokens: 18,
          calculatedTotalCost: 0.25,
          level: "WARNING",
          statusMessage: "hm",
          promptName: "p",
          promptVersion: "3",
          metadata: { step_id: "s1" },
        },
      ],
    });

    const body = await soon(() => read(`traces/${traceId}`));
    // Latency and cost are those of the observations, not those that the sender claims for the trace.
    expect(body).toMatchObject({
      id: traceId,
      name: "chat",
      timestamp: "2026-02-03T04:05:06.789Z",
      sessionId: "native-session",
      userId: "native-user",
      tags: ["a", "b"],
      metadata: { turn_id: "t1", run_id: "r1" },
      input: { text: "Hi" },
      output: "Hello",
      environment: "prod",
      externalId: "ext-1",
      latency: 10,
      totalCost: 0.25,
    });
    expect(body.observations[1]).toMatchObject({
      id: stepId,
      type: "GENERATION",
      parentObservationId: rootId,
      model: "qwen2.5",
      promptTokens: 11,
      completionTokens: 7,
      totalTokens: 18,
      latency: 2.5,
      timeToFirstToken: 0.25,
      level: "WARNING",
      statusMessage: "hm",
      promptName: "p",
      promptVersion: 3,
      metadata: { step_id: "s1" },
    });
    // A UUID and its 32 digits are the same id.
    expect((await read(`traces/${traceId.replaceAll("-", "")}`)).id).toBe(traceId);
  });

  test("a second message completes the first instead of erasing it", async () => {
    const id = randomUUID();
    await post("/v1/l/batch", { trace: { id, name: "kept", userId: "u", metadata: { a: 1 }, tags: ["x"] } });
    await post("/v1/l/batch", { trace: { id, output: "late", metadata: { b: 2 }, tags: ["y"] } });
    const body = await soon(
      () => read(`traces/${id}`),
      ({ name, output }) => name === "kept" && output === "late",
    );
    expect(body).toMatchObject({ name: "kept", userId: "u", metadata: { a: 1, b: 2 }, tags: ["x", "y"] });
  });

  test("observations without a trace make one", async () => {
    const traceId = randomUUID();
    await post("/v1/l/batch", { observations: [{ id: randomUUID(), traceId, name: "orphan" }] });
    expect(await soon(() => read(`traces/${traceId}`))).toMatchObject({ id: traceId, observationCount: 1 });
  });

  test("metrics are named, aggregated and grouped", async () => {
    const base = Date.UTC(2026, 0, 5, 12);
    const point = (index: number, gpu: string) => ({
      name: "gpu_util",
      labels: { gpu, host: "h1" },
      value: index,
      timestamp: new Date(base + index * 100).toISOString(),
    });
    const points = ["0", "1"].flatMap((gpu) => Array.from({ length: 101 }, (_, index) => point(index, gpu)));
    await post("/v1/metrics/batch", { metrics: [...points, { ...point(1, "0"), name: "queue_len" }] });
    const query = (rest: string) =>
      read(`metrics/query?name=gpu_util&from=2026-01-05T12:00:00Z&to=2026-01-05T13:00:00Z&${rest}`);
    // More than fits into one job, and jobs may be stored in any order.
    await soon(
      () => query("group_by=host&agg=sum"),
      ({ data }) => data[0]?.values[0]?.value === 10_100,
    );
    await soon(
      () => read("metrics/names"),
      ({ data }) => data.includes("queue_len"),
    );
    expect((await read("metrics/names")).data).toEqual(["gpu_util", "queue_len"]);

    const expected = { avg: 50, min: 0, max: 100, sum: 5_050, p50: 50, p90: 90, p99: 99, last: 100 };
    for (const [agg, value] of Object.entries(expected)) {
      const { data, meta } = await query(`agg=${agg}`);
      expect
        .soft(data[0]?.values, agg)
        .toEqual([{ timestamp: "2026-01-05T12:00:00.000Z", value: expect.closeTo(value, 6) }]);
      expect.soft(meta, agg).toMatchObject({ series_count: 2, truncated: false });
    }
    // Without grouping each set of labels is a series; by a label all that share its value are one.
    expect((await query("group_by=host&agg=sum")).data[0]).toMatchObject({
      labels: { host: "h1" },
      values: [{ value: 10_100 }],
    });
    const grouped = await query("group_by=gpu&agg=max&step=1h");
    expect(grouped.data).toEqual([
      { labels: { gpu: "0" }, values: [{ timestamp: "2026-01-05T12:00:00.000Z", value: 100 }] },
      { labels: { gpu: "1" }, values: [{ timestamp: "2026-01-05T12:00:00.000Z", value: 100 }] },
    ]);
    const one = await query(`agg=sum&labels=${encodeURIComponent('{"gpu":"1"}')}`);
    expect(one.data[0].values[0].value).toBe(5_050);
    expect((await query(`labels=${encodeURIComponent('{"gpu":"7"}')}`)).data).toEqual([]);
  });

  test("days count traces, observations, tokens and cost by model", async () => {
    const day = "2026-01-09";
    const generation = (model: string, cost: number) => ({
      id: randomUUID(),
      model,
      startTime: `${day}T01:00:00Z`,
      usageDetails: { input: 100, output: 10 },
      costDetails: { total: cost },
    });
    await post("/v1/l/batch", {
      trace: { id: "daily-1", timestamp: `${day}T00:30:00Z`, name: "daily", userId: "daily-user" },
      observations: [generation("small", 0.25), generation("large", 1.5)],
    });
    await post("/v1/l/batch", {
      trace: { id: "daily-2", timestamp: `${day}T23:00:00Z`, name: "daily" },
      observations: [generation("small", 0.25)],
    });
    const range = `fromTimestamp=${day}T00:00:00Z&toTimestamp=2026-01-10T00:00:00Z`;
    const body = await soon(
      () => read(`metrics/daily?traceName=daily&${range}`),
      ({ data }) => data[0]?.countTraces === 2,
    );
    const small = {
      model: "small",
      inputUsage: 200,
      outputUsage: 20,
      totalUsage: 220,
      countTraces: 2,
      countObservations: 2,
      totalCost: 0.5,
    };
    const large = {
      model: "large",
      inputUsage: 100,
      outputUsage: 10,
      totalUsage: 110,
      countTraces: 1,
      countObservations: 1,
      totalCost: 1.5,
    };
    expect(body.data).toEqual([
      { date: day, countTraces: 2, countObservations: 3, totalCost: 2, usage: [large, small] },
    ]);
    const ofUser = await read(`metrics/daily?userId=daily-user&${range}`);
    expect(ofUser.data[0]).toMatchObject({ countTraces: 1, countObservations: 2, totalCost: 1.75 });
  });
});
