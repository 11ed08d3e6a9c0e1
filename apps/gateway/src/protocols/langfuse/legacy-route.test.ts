import { LIMITS, stampOf, type CanonicalEvents, type Scope } from "@xtrace/contract";
import { createLogger, errorHandler } from "@xtrace/runtime";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import type { GatewayEnv } from "../protocol.ts";
import { legacyRoutes } from "./legacy-route.ts";
import { createRecentTraces } from "./recent-traces.ts";

const nowUs = 1_767_323_045_678_000;

function setup(options: { scopes?: Scope[] } = {}) {
  const accepted: Array<{ projectId: string; events: CanonicalEvents }> = [];
  let rejected = 0;
  const log = createLogger({ name: "test", level: "silent" });
  const app = new Hono<GatewayEnv>().onError(errorHandler(log));
  app.use(async (c, next) => {
    c.set("identity", { projectId: "p1", keyId: "k1", scopes: options.scopes ?? ["ingest"] });
    await next();
  });
  const accept = async (projectId: string, events: CanonicalEvents) => void accepted.push({ projectId, events });
  const reject = (count: number) => void (rejected += count);
  const recentTraces = createRecentTraces({ shared: null, onError: () => {} });
  app.route("/", legacyRoutes({ accept, reject, limits: LIMITS, nowUs: () => nowUs, log, recentTraces }));
  async function send(method: "POST" | "PATCH", path: string, body: unknown) {
    const init = { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const response = await app.request(`/api/public/${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  return { send, accepted, rejected: () => rejected };
}

describe("a single write", () => {
  test("of a trace answers with its id and is the same event as in a batch", async () => {
    const { send, accepted } = setup();
    const sent = { id: "t1", name: "chat", userId: null, metadata: { a: 1 }, timestamp: "2026-01-02T03:04:05Z" };
    expect(await send("POST", "traces", sent)).toEqual({ status: 200, body: { id: "t1" } });
    expect(accepted).toEqual([
      {
        projectId: "p1",
        events: {
          traces: [
            {
              id: "t1",
              stamp: stampOf(nowUs),
              timestampUs: 1_767_323_045_000_000,
              name: "chat",
              userId: null,
              metadata: { a: 1 },
            },
          ],
          observations: [],
          scores: [],
          metrics: [],
        },
      },
    ]);
  });

  test.each([
    ["spans", "SPAN"],
    ["generations", "GENERATION"],
    ["events", "EVENT"],
  ])("at /%s is an observation of type %s", async (path, type) => {
    const { send, accepted } = setup();
    const sent = { id: "o1", traceId: "t1", parentObservationId: "o0", input: "in", output: 1, type: "AGENT" };
    expect(await send("POST", path, sent)).toEqual({ status: 200, body: { id: "o1" } });
    expect(accepted[0]?.events.observations).toEqual([{ ...sent, type, stamp: stampOf(nowUs) }]);
  });

  test("of a generation has a prompt, a completion and OpenAI's usage", async () => {
    const { send, accepted } = setup();
    const usage = { promptTokens: 3, completionTokens: 4, totalTokens: 7 };
    await send("POST", "generations", { id: "o1", prompt: [{ role: "user" }], completion: "yo", usage });
    expect(accepted[0]?.events.observations).toMatchObject([
      { input: [{ role: "user" }], output: "yo", usageDetails: { input: 3, output: 4, total: 7 }, usageUnit: "TOKENS" },
    ]);
  });

  test.each([
    ["spans", "spanId", { output: "done" }, { output: "done" }],
    ["generations", "generationId", { completion: "done" }, { output: "done" }],
  ])("PATCH at /%s updates what %s names, and wins over a create of the same time", async (path, key, sent, kept) => {
    const { send, accepted } = setup();
    await send("POST", path, { id: "o1", traceId: "t1" });
    expect(await send("PATCH", path, { [key]: "o1", ...sent })).toEqual({ status: 200, body: { id: "o1" } });
    const [created, updated] = accepted.map(({ events }) => events.observations[0]);
    // An update need not name the trace, though it may arrive before the observation is stored.
    expect(updated).toMatchObject({ id: "o1", traceId: "t1", ...kept });
    expect(updated?.stamp).toBeGreaterThan(created?.stamp ?? Infinity);
    expect((await send("PATCH", path, { id: "o1", ...sent })).body).toMatchObject({
      message: "Invalid request data",
      details: [{ path: key }],
    });
  });

  test("without an id is a new thing each time", async () => {
    const { send } = setup();
    for (const path of ["traces", "spans", "generations", "events"]) {
      const ids = [await send("POST", path, {}), await send("POST", path, {})].map(({ body }) => body["id"]);
      expect(ids).toEqual([expect.any(String), expect.any(String)]);
      expect(ids[0]).not.toBe(ids[1]);
    }
  });

  test("that is wrong names its fields, queues nothing and is counted", async () => {
    const { send, accepted, rejected } = setup();
    const { status, body } = await send("POST", "spans", { id: "", startTime: "yesterday" });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: "InvalidRequestError", details: [{ path: "id" }, { path: "startTime" }] });
    expect([accepted, rejected()]).toEqual([[], 1]);
  });

  test("is closed to a key that may write scores only", async () => {
    const { send, accepted } = setup({ scopes: ["scores", "read"] });
    for (const path of ["traces", "spans", "generations", "events"]) {
      expect((await send("POST", path, { id: "x" })).status).toBe(403);
    }
    expect(accepted).toEqual([]);
  });
});
