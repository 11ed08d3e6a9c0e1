import { gzipSync } from "node:zlib";
import { LIMITS, type CanonicalEvents, type Scope } from "@xtrace/contract";
import { AppError, createLogger, errorHandler } from "@xtrace/runtime";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import type { Accept, GatewayEnv } from "../protocol.ts";
import { BROWSER_PATHS, browserCors } from "./browser-cors.ts";
import { langfuseRoutes } from "./route.ts";

const nowUs = 1_767_323_045_678_901;
const timestamp = "2026-01-02T03:04:05.678Z";
const traceEvent = { id: "e1", type: "trace-create", timestamp, body: { id: "t1", name: "chat" } };
const scoreEvent = {
  id: "e2",
  type: "score-create",
  timestamp,
  body: { id: "s1", traceId: "t1", name: "q", value: 1 },
};
const score = { traceId: "t1", name: "quality", value: 0.9 };

function setup(options: { scopes?: Scope[]; accept?: Accept } = {}) {
  const accepted: Array<{ projectId: string; events: CanonicalEvents }> = [];
  const logged: string[] = [];
  const log = createLogger({ name: "test", level: "info", destination: { write: (line) => void logged.push(line) } });
  const accept: Accept = options.accept ?? (async (projectId, events) => void accepted.push({ projectId, events }));
  const app = new Hono<GatewayEnv>().onError(errorHandler(log));
  for (const path of BROWSER_PATHS) app.use(path, browserCors());
  app.use(async (c, next) => {
    if (!c.req.header("authorization")) throw new AppError("UNAUTHORIZED", "Unknown key");
    c.set("identity", { projectId: "p1", keyId: "k1", scopes: options.scopes ?? ["ingest", "read"] });
    await next();
  });
  app.route("/", langfuseRoutes({ accept, reject: () => {}, limits: LIMITS, nowUs: () => nowUs, log }));
  async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const auth = { authorization: "Basic cGs6c2s=", "content-type": "application/json" };
    const response = await app.request(path, { method: "POST", body: text, headers: { ...auth, ...headers } });
    return { response, status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  return { app, post, accepted, logged };
}

describe("POST /api/public/ingestion", () => {
  test("answers 207 for each event once the queue has them", async () => {
    const { post, accepted } = setup();
    const bad = { id: "e3", type: "span-create", timestamp, body: { id: "o1", level: "LOUD" } };
    const { status, body } = await post("/api/public/ingestion", { batch: [traceEvent, bad, scoreEvent] });
    expect(status).toBe(207);
    expect(body).toEqual({
      successes: [
        { id: "e1", status: 201 },
        { id: "e2", status: 201 },
      ],
      errors: [
        {
          id: "e3",
          status: 400,
          message: "Invalid request data",
          error: "body.level: expected DEBUG, DEFAULT, WARNING or ERROR",
        },
      ],
    });
    expect(accepted).toHaveLength(1);
    expect(accepted[0]).toMatchObject({ projectId: "p1", events: { traces: [{ id: "t1" }], scores: [{ id: "s1" }] } });
  });

  test("answers an empty batch without troubling the queue", async () => {
    const { post, accepted } = setup();
    const { status, body } = await post("/api/public/ingestion", { batch: [] });
    expect([status, body]).toEqual([207, { successes: [], errors: [] }]);
    expect(accepted).toEqual([]);
  });

  test.each([["{"], [""], ["[]"], [{ batch: 1 }], [{}]])("answers 400 to %j", async (sent) => {
    const { post, accepted } = setup();
    const { status, body } = await post("/api/public/ingestion", sent);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: "InvalidRequestError", message: expect.any(String) });
    expect(accepted).toEqual([]);
  });

  test("says what is wrong with an envelope as a list of messages too, which SDKs print", async () => {
    const { post } = setup();
    const { body } = await post("/api/public/ingestion", { batch: 1 });
    expect(body).toMatchObject({ message: "Invalid request data", details: [{ path: "batch" }] });
    expect(body["errors"]).toEqual([expect.stringContaining("expected array")]);
  });

  test("takes a batch in gzip", async () => {
    const { app, accepted } = setup();
    const response = await app.request("/api/public/ingestion", {
      method: "POST",
      body: gzipSync(JSON.stringify({ batch: [traceEvent] })),
      headers: { authorization: "Basic x", "content-type": "application/json", "content-encoding": "gzip" },
    });
    expect([response.status, await response.json()]).toEqual([
      207,
      { successes: [{ id: "e1", status: 201 }], errors: [] },
    ]);
    expect(accepted[0]?.events.traces).toHaveLength(1);
  });

  test("leaves sdk-log out of its answer", async () => {
    const { post, accepted } = setup();
    const log = { id: "e0", type: "sdk-log", timestamp, body: { log: "dropped 3 events" } };
    const { body } = await post("/api/public/ingestion", { batch: [log, traceEvent], metadata: { sdk_name: "x" } });
    expect(body).toEqual({ successes: [{ id: "e1", status: 201 }], errors: [] });
    expect(accepted[0]?.events).toMatchObject({ traces: [{ id: "t1" }], observations: [], scores: [] });
  });

  test("fails as a whole, with the time to come back, when the queue cannot take the events", async () => {
    const { post } = setup({
      accept: async () => {
        throw new AppError("SERVICE_UNAVAILABLE", "The queue is full", { retryAfterSeconds: 3 });
      },
    });
    const { status, response, body } = await post("/api/public/ingestion", { batch: [traceEvent] });
    expect(status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("3");
    expect(body).toMatchObject({ code: "SERVICE_UNAVAILABLE", message: "The queue is full" });
    expect(body).not.toHaveProperty("successes");
  });

  test("lets a browser's key write scores and nothing else", async () => {
    const { post, accepted } = setup({ scopes: ["scores"] });
    const { status, body } = await post("/api/public/ingestion", { batch: [traceEvent, scoreEvent] });
    expect(status).toBe(207);
    expect(body["successes"]).toEqual([{ id: "e2", status: 201 }]);
    expect(body["errors"]).toEqual([expect.objectContaining({ id: "e1", status: 401 })]);
    expect(accepted[0]?.events.traces).toEqual([]);
  });

  test("is closed to a key that may only read", async () => {
    const { post } = setup({ scopes: ["read"] });
    expect((await post("/api/public/ingestion", { batch: [scoreEvent] })).status).toBe(403);
    expect((await post("/api/public/scores", score)).status).toBe(403);
  });

  test("logs how many events failed and none of what they held", async () => {
    const { post, logged } = setup();
    const bad = { id: "e3", type: "trace-create", timestamp, body: { name: { secret: "hunter2" } } };
    await post("/api/public/ingestion", {
      batch: [bad, { id: "e4", type: "sdk-log", timestamp, body: { log: "hunter2" } }],
    });
    expect(logged).toHaveLength(1);
    expect(JSON.parse(logged[0] ?? "")).toMatchObject({ projectId: "p1", accepted: 0, rejected: 1, sdkLogs: 1 });
    expect(logged[0]).not.toContain("hunter2");
  });
});

describe("POST /api/public/scores", () => {
  test("answers with the id under which the score is kept", async () => {
    const { post, accepted } = setup();
    const { status, body } = await post("/api/public/scores", { ...score, id: "s1" });
    expect([status, body]).toEqual([200, { id: "s1" }]);
    expect(accepted[0]?.events.scores).toMatchObject([{ id: "s1", value: 0.9, timestampUs: nowUs, stamp: nowUs }]);
  });

  test("takes a list of scores, as Python SDK 5 sends them, with their own times", async () => {
    const { post, accepted } = setup();
    const timestamp = "2026-01-02T03:04:05.000006Z";
    const sent = [
      { ...score, id: "s1", timestamp },
      { ...score, name: "tone", value: "good", dataType: "CATEGORICAL" },
    ];
    const first = await post("/api/public/scores", sent);
    expect([first.status, first.body]).toEqual([202, { message: "Accepted" }]);
    await post("/api/public/scores", sent);
    const [once, again] = accepted.map(({ events }) => events.scores);
    expect(once).toMatchObject([
      { id: "s1", timestampUs: 1_767_323_045_000_006 },
      { name: "tone", stringValue: "good" },
    ]);
    // Sent again, the score without an id is the same one.
    expect(again?.map(({ id }) => id)).toEqual(once?.map(({ id }) => id));
  });

  test("keeps the good scores of a list, and says what is wrong with the others", async () => {
    const { post, accepted } = setup();
    const sent = [{ ...score, id: "s1" }, { ...score, value: "high", dataType: "NUMERIC" }, 7];
    const { status, body } = await post("/api/public/scores", sent);
    expect(status).toBe(207);
    expect(body).toEqual({
      accepted: 1,
      rejected: 2,
      errors: [
        { message: expect.stringContaining("1.value: must be a number") },
        { message: expect.stringContaining("2: ") },
      ],
    });
    expect(accepted.map(({ events }) => events.scores.map(({ id }) => id))).toEqual([["s1"]]);
    const refused = await post("/api/public/scores", [{}]);
    expect([refused.status, refused.body]).toMatchObject([207, { accepted: 0, rejected: 1 }]);
    expect(accepted).toHaveLength(1);
  });

  test("keeps two equal scores without an id as two", async () => {
    const { post } = setup();
    const first = await post("/api/public/scores", score);
    const second = await post("/api/public/scores", score);
    expect(first.body["id"]).toEqual(expect.any(String));
    expect(second.body["id"]).not.toBe(first.body["id"]);
  });

  test("names what is wrong with a score", async () => {
    const { post, accepted } = setup();
    const { status, body } = await post("/api/public/scores", { name: "quality", value: "high", dataType: "NUMERIC" });
    expect(status).toBe(400);
    expect(body["details"]).toEqual([
      { path: "traceId", message: "traceId, sessionId or datasetRunId is required" },
      { path: "value", message: "must be a number for NUMERIC" },
    ]);
    expect(body["error"]).toEqual([
      { code: "custom", path: ["traceId"], message: "traceId, sessionId or datasetRunId is required" },
      { code: "custom", path: ["value"], message: "must be a number for NUMERIC" },
    ]);
    expect(accepted).toEqual([]);
  });

  test("is open to a browser's key", async () => {
    const { post } = setup({ scopes: ["scores"] });
    expect((await post("/api/public/scores", score)).status).toBe(200);
  });

  test("fails when the queue cannot take the score", async () => {
    const { post } = setup({
      accept: async () => {
        throw new AppError("SERVICE_UNAVAILABLE", "The queue is away", { retryAfterSeconds: 1 });
      },
    });
    expect((await post("/api/public/scores", score)).status).toBe(503);
  });
});

describe("a page in a browser", () => {
  test.each(BROWSER_PATHS)("may ask %s without a key whether it may call", async (path) => {
    const { app } = setup();
    const headers = {
      origin: "https://app.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type,x-langfuse-sdk-name",
    };
    const response = await app.request(path, { method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-methods")).toBe("POST");
    expect(response.headers.get("access-control-allow-headers")).toContain("x-langfuse-sdk-name");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
  });

  test("can read the answer, also when it is an error", async () => {
    const { post, app } = setup();
    const good = await post("/api/public/ingestion", { batch: [traceEvent] }, { origin: "https://app.example" });
    expect(good.response.headers.get("access-control-allow-origin")).toBe("*");
    const denied = await app.request("/api/public/scores", { method: "POST", body: "{}" });
    expect(denied.status).toBe(401);
    expect(denied.headers.get("access-control-allow-origin")).toBe("*");
  });
});
