import { gzipSync } from "node:zlib";
import { LIMITS, type CanonicalEvents, type Scope } from "@xtrace/contract";
import { AppError, createLogger, errorHandler } from "@xtrace/runtime";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import type { Accept, GatewayEnv } from "../protocol.ts";
import { xtraceRoutes } from "./route.ts";

const nowUs = 1_767_400_000_000_000;
const point = { name: "latency", value: 0.5, timestamp: "2026-01-02T03:04:05Z" };

function setup(options: { scopes?: Scope[]; accept?: Accept; maxBodyBytes?: number } = {}) {
  const accepted: Array<{ projectId: string; events: CanonicalEvents }> = [];
  const log = createLogger({ name: "test", level: "silent" });
  const accept: Accept = options.accept ?? (async (projectId, events) => void accepted.push({ projectId, events }));
  const limits = { ...LIMITS, ...(options.maxBodyBytes === undefined ? {} : { maxBodyBytes: options.maxBodyBytes }) };
  const app = new Hono<GatewayEnv>().onError(errorHandler(log));
  app.use(async (c, next) => {
    c.set("identity", { projectId: "p1", keyId: "k1", scopes: options.scopes ?? ["ingest"] });
    await next();
  });
  app.route("/", xtraceRoutes({ accept, reject: () => {}, limits, nowUs: () => nowUs, log }));
  async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
    const bytes = Buffer.isBuffer(body) || typeof body === "string" ? body : JSON.stringify(body);
    const type = { "content-type": "application/json" };
    const response = await app.request(path, { method: "POST", body: bytes, headers: { ...type, ...headers } });
    return { response, status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  return { post, accepted };
}

describe("POST /v1/l/batch", () => {
  test("answers as the Rust system does once the queue has the events", async () => {
    const { post, accepted } = setup();
    const { status, body } = await post("/v1/l/batch", {
      trace: { id: "t1" },
      observations: [{ id: "o1", type: "SPAN" }],
    });
    expect([status, body]).toEqual([200, { message: "Request Successful." }]);
    expect(accepted).toMatchObject([
      {
        projectId: "p1",
        events: { traces: [{ id: "t1", stamp: nowUs }], observations: [{ id: "o1", traceId: "t1" }] },
      },
    ]);
  });

  test("takes an empty body for a success without troubling the queue", async () => {
    const { post, accepted } = setup();
    const { status, body } = await post("/v1/l/batch", {});
    expect([status, body]).toEqual([200, { message: "Request Successful." }]);
    expect(accepted).toEqual([]);
  });

  test("tells of the items it could not use and keeps the others", async () => {
    const { post, accepted } = setup();
    const { status, body } = await post("/v1/l/batch", {
      trace: { id: "t1" },
      observations: [{ id: "o1", endTime: "never" }],
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      message: "Request Successful.",
      rejected: 1,
      details: [{ path: "observations.0.endTime", message: "expected an ISO 8601 time with an offset" }],
    });
    expect(accepted[0]?.events.traces).toHaveLength(1);
  });

  test("answers 400 and names the fields when it could use nothing", async () => {
    const { post, accepted } = setup();
    const { status, body } = await post("/v1/l/batch", { trace: { id: "t1", public: "yes" } });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: "BAD_REQUEST", details: [{ path: "trace.public" }] });
    expect(accepted).toEqual([]);
  });

  test("gives a re-sent request the same ids, however it is compressed", async () => {
    const { post, accepted } = setup();
    const text = JSON.stringify({ trace: { name: "a" }, observations: [{ type: "SPAN" }] });
    await post("/v1/l/batch", text);
    await post("/v1/l/batch", gzipSync(text), { "content-encoding": "gzip" });
    expect(accepted[1]).toEqual(accepted[0]);
    await post("/v1/l/batch", text.replace("a", "b"));
    expect(accepted[2]?.events.traces[0]?.id).not.toBe(accepted[0]?.events.traces[0]?.id);
  });

  test("refuses data of another project", async () => {
    const { post, accepted } = setup();
    const { status, body } = await post("/v1/l/batch", { trace: { id: "t1", projectId: "p2" } });
    expect(status).toBe(403);
    expect(body).toMatchObject({ code: "FORBIDDEN", details: [{ path: "trace.projectId" }] });
    expect(JSON.stringify(body)).not.toContain("p2");
    expect(accepted).toEqual([]);
  });

  test.each([
    ["{", {}, 400],
    ["", {}, 400],
    [`{"trace":${"[".repeat(500)}${"]".repeat(500)}}`, {}, 400],
    ['{"trace":{"input":1e400}}', {}, 400],
    ["{}", { "content-type": "text/plain" }, 415],
    [`{"x":"${"x".repeat(2000)}"}`, {}, 413],
  ])("answers %j with %j: %d", async (text, headers, expected) => {
    const { post } = setup({ maxBodyBytes: 1500 });
    expect((await post("/v1/l/batch", text, headers)).status).toBe(expected);
  });

  test("passes on that the queue is full, with the time to come back", async () => {
    const { post } = setup({
      accept: async () => {
        throw new AppError("SERVICE_UNAVAILABLE", "The queue is full", { retryAfterSeconds: 3 });
      },
    });
    const { status, response } = await post("/v1/l/batch", { trace: { id: "t1" } });
    expect([status, response.headers.get("retry-after")]).toEqual([503, "3"]);
  });

  test.each<[Scope[]]>([[["scores"]], [["read"]], [[]]])("is closed to a key with the scopes %j", async (scopes) => {
    const { post } = setup({ scopes });
    expect((await post("/v1/l/batch", {})).status).toBe(403);
    expect((await post("/v1/metrics/batch", {})).status).toBe(403);
  });
});

describe("POST /v1/metrics/batch", () => {
  test("stores good points and tells of bad ones", async () => {
    const { post, accepted } = setup();
    const { status, body } = await post("/v1/metrics/batch", { metrics: [point, { ...point, value: null }] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ message: "Request Successful.", rejected: 1, details: [{ path: "metrics.1.value" }] });
    expect(accepted[0]?.events.metrics).toHaveLength(1);
  });

  test("stores a re-sent request once: its points keep their ids", async () => {
    const { post, accepted } = setup();
    await post("/v1/metrics/batch", { metrics: [point, point] });
    await post("/v1/metrics/batch", { metrics: [point, point] });
    const [first, second] = accepted.map(({ events }) => events.metrics.map(({ id }) => id));
    expect(second).toEqual(first);
    expect(new Set(first).size).toBe(2);
  });

  test("takes more points than the Rust system could", async () => {
    const { post, accepted } = setup();
    const metrics = Array.from({ length: 20_000 }, (_, value) => ({ ...point, value }));
    expect((await post("/v1/metrics/batch", { metrics })).status).toBe(200);
    expect(accepted[0]?.events.metrics).toHaveLength(20_000);
  });

  test("answers 400 when no point is good", async () => {
    const { post } = setup();
    expect((await post("/v1/metrics/batch", { metrics: [1, 2] })).status).toBe(400);
  });
});
