import { gzipSync } from "node:zlib";
import { Writable } from "node:stream";
import {
  countEvents,
  LIMITS,
  WRITE_METHODS,
  type CanonicalEvents,
  type IngestJob,
  type RateLimiter,
} from "@xtrace/contract";
import { QueueUnavailableError } from "@xtrace/queue";
import { createKeyRing, createLogger, createMetrics, createReadiness, hashSecret } from "@xtrace/runtime";
import { describe, expect, test } from "vitest";
import { createAccept } from "./accept.ts";
import { createGatewayApp } from "./app.ts";
import { createRecentTraces } from "./protocols/langfuse/recent-traces.ts";
import { createGatewayMetrics } from "./gateway-metrics.ts";
import { INGEST_PATHS, isIngestRequest } from "./ingest-paths.ts";
import { OTLP_PATHS } from "./protocols/otlp/otlp-paths.ts";

const KEY = { projectId: "p", publicKey: "pk", secretHash: hashSecret("secret"), scopes: ["ingest" as const] };
const READER = { projectId: "p", publicKey: "pk-read", secretHash: hashSecret("reader"), scopes: ["read" as const] };
const JSON_TYPE = { "content-type": "application/json" };
const BASIC = `Basic ${Buffer.from("pk:secret").toString("base64")}`;

function setup({
  queueIsDown = false,
  queueIsFull = false,
  openProjectId = null as string | null,
  limiter = null as RateLimiter | null,
} = {}) {
  const queued: IngestJob[] = [];
  const lines: string[] = [];
  const destination = new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) });
  const metrics = createMetrics({ process: "test" });
  const gatewayMetrics = createGatewayMetrics(metrics);
  const add = async (job: IngestJob) => {
    if (queueIsDown) throw new QueueUnavailableError("away");
    queued.push(job);
  };
  const app = createGatewayApp({
    recentTraces: createRecentTraces({ shared: null, onError: () => {} }),
    accept: createAccept({ add, nowUs: () => 1, metrics: gatewayMetrics }),
    reject: gatewayMetrics.rejected,
    limits: { maxBodyBytes: 100_000, maxInflatedBytes: 1_000_000 },
    nowUs: () => 1_700_000_000_000_000,
    log: createLogger({ name: "test", level: "info", destination }),
    admission: { closed: () => (queueIsFull ? { reason: "queue bytes" } : undefined) },
    keyRing: createKeyRing([KEY, READER]),
    openProjectId,
    limiter,
    checks: { queue: async () => (queueIsDown ? Promise.reject(new Error("away")) : undefined) },
    readiness: createReadiness(),
    metrics,
    gatewayMetrics,
  });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { authorization: BASIC, "content-type": "application/json", ...headers },
    });
  const counted = async (name: string) => {
    const text = await metrics.registry.getSingleMetricAsString(name);
    return [...text.matchAll(/^\w+\{.*\} (\d+)$/gm)].reduce((sum, [, value]) => sum + Number(value), 0);
  };
  return { app, post, queued, lines, counted };
}

const timestamp = "2026-01-02T03:04:05.000Z";
const span = {
  traceId: "5b8efff798038103d269b633813fc60c",
  spanId: "eee19b7ec3c1b174",
  name: "s",
  startTimeUnixNano: "1",
  endTimeUnixNano: "2",
};
const otlpTraces = (...spans: object[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const message = { ...span, eventName: "gen_ai.user.message", body: { stringValue: "Hi" } };
const otlpLogs = (...logRecords: object[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
const otlpMetrics = (...dataPoints: object[]) => ({
  resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "m", sum: { dataPoints } }] }] }],
});
/** At both of its addresses. */
const onOtlp = (signal: string, body: object) => ({ [`/v1/${signal}`]: body, [`/api/public/otel/v1/${signal}`]: body });

const BODIES: Record<string, unknown> = {
  "/v1/l/batch": { trace: { id: "t" } },
  "/v1/metrics/batch": { metrics: [{ name: "m", value: 1, timestamp }] },
  ...onOtlp("traces", otlpTraces(span)),
  ...onOtlp("logs", otlpLogs(message)),
  ...onOtlp("metrics", otlpMetrics({ asInt: "1" })),
  "/api/public/ingestion": { batch: [{ id: "e", type: "trace-create", timestamp, body: { id: "t" } }] },
  "/api/public/scores": { name: "s", value: 1, traceId: "t" },
  "/api/public/traces": { id: "t" },
  "/api/public/spans": { traceId: "t" },
  "/api/public/generations": { traceId: "t" },
  "/api/public/events": { traceId: "t" },
};

const badSpan = { ...span, spanId: "none" };
/** One good item and one that is left out; where a request is one item, that is bad. */
const MIXED_BODIES: Record<string, unknown> = {
  "/v1/l/batch": { trace: { id: "t" }, observations: [{ id: "o", traceId: "t", type: 7 }] },
  "/v1/metrics/batch": {
    metrics: [
      { name: "m", value: 1, timestamp },
      { name: "m", value: "x" },
    ],
  },
  ...onOtlp("traces", otlpTraces(span, badSpan)),
  ...onOtlp("logs", otlpLogs(message, { body: { stringValue: "user logged in" } })),
  ...onOtlp("metrics", otlpMetrics({ asInt: "1" }, {})),
  "/api/public/ingestion": {
    batch: [
      { id: "e", type: "trace-create", timestamp, body: { id: "t" } },
      { id: "f", type: "sdk-log", timestamp, body: { log: "x" } },
      { id: "g", type: "nothing", timestamp, body: {} },
    ],
  },
  "/api/public/scores": [{ name: "s", value: 1, traceId: "t" }, { name: 7 }],
  "/api/public/traces": { id: 7 },
  "/api/public/spans": { level: "LOUD" },
  "/api/public/generations": { level: "LOUD" },
  "/api/public/events": { level: "LOUD" },
};

describe.each(INGEST_PATHS)("POST %s", (path) => {
  const isOtlp = OTLP_PATHS.includes(path);

  test("queues the caller's events under the caller's project", async () => {
    const { post, queued } = setup();
    const response = await post(path, BODIES[path]);
    expect(response.ok).toBe(true);
    expect(queued.map(({ projectId, v }) => [projectId, v])).toEqual([["p", 1]]);
    expect(countEvents(queued[0]?.events as CanonicalEvents)).toBeGreaterThan(0);
  });

  test("answers 503 with Retry-After when the queue is away, and queues nothing", async () => {
    const { post, queued } = setup({ queueIsDown: true });
    const response = await post(path, BODIES[path]);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(queued).toEqual([]);
  });

  test("answers 503 with Retry-After while the queue is full, without a look at the body, and is ready all the same", async () => {
    const { app, post, queued } = setup({ queueIsFull: true });
    const response = await post(path, "{ no JSON");
    expect(response.status).toBe(503);
    const retryAfter = Number(response.headers.get("retry-after"));
    expect(retryAfter).toBeGreaterThanOrEqual(1);
    expect(retryAfter).toBeLessThanOrEqual(10);
    const body = (await response.json()) as Record<string, unknown>;
    expect(body["code"]).toBe(isOtlp ? 14 : "SERVICE_UNAVAILABLE");
    expect(queued).toEqual([]);
    const ready = await app.request("/readyz");
    expect([ready.status, await ready.json()]).toEqual([200, { status: "ready", admission: "closed: queue bytes" }]);
    const metrics = await (await app.request("/metrics")).text();
    expect(metrics).toContain('xtrace_ingest_requests_refused_total{process="test"} 1');
  });

  test.each([false, true])("counts what it received as accepted or rejected, with the queue away: %s", async (away) => {
    const { post, counted, queued } = setup({ queueIsDown: away });
    await post(path, BODIES[path]);
    await post(path, MIXED_BODIES[path]);
    const [received, accepted, rejected] = await Promise.all(
      ["received", "accepted", "rejected"].map((what) => counted(`xtrace_ingest_events_${what}_total`)),
    );
    expect(received).toBeGreaterThan(1);
    expect(accepted).toBe(queued.reduce((sum, { events }) => sum + countEvents(events), 0));
    expect(rejected).toBeGreaterThan(0);
    expect(received).toBe((accepted ?? 0) + (rejected ?? 0));
  });

  test.each([
    ["no key", {}],
    ["a wrong secret", { authorization: `Basic ${Buffer.from("pk:wrong").toString("base64")}` }],
    ["an unknown bearer token", { authorization: "Bearer nobody" }],
  ])("answers 401 to %s, in the form of its protocol", async (_, headers) => {
    const { app, queued } = setup();
    const response = await app.request(path, { method: "POST", body: JSON.stringify(BODIES[path]), headers });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain("Basic");
    const body = (await response.json()) as Record<string, unknown>;
    expect(body["code"]).toBe(isOtlp ? 16 : "UNAUTHORIZED");
    expect(queued).toEqual([]);
  });

  test("answers 403 to a key that may only read", async () => {
    const { post, queued } = setup();
    const reader = { authorization: `Basic ${Buffer.from("pk-read:reader").toString("base64")}` };
    expect((await post(path, BODIES[path], reader)).status).toBe(403);
    expect(queued).toEqual([]);
  });

  test("refuses a cut, a deep, an oversized and a bomb of a body with a 4xx", async () => {
    const { post, app, queued } = setup();
    expect((await post(path, '{"a":')).status).toBe(400);
    expect((await post(path, `${"[".repeat(10_000)}${"]".repeat(10_000)}`)).status).toBe(400);
    expect((await post(path, `{"a":"${"x".repeat(100_001)}"}`)).status).toBe(413);
    const bomb = await app.request(path, {
      method: "POST",
      body: gzipSync(Buffer.alloc(2_000_000, " ")),
      headers: { authorization: BASIC, "content-type": "application/json", "content-encoding": "gzip" },
    });
    expect(bomb.status).toBe(413);
    expect(queued).toEqual([]);
  });
});

describe("the gateway", () => {
  test("cuts a request of many events into several jobs and answers when all are queued", async () => {
    const { post, queued } = setup();
    const observations = Array.from({ length: 450 }, (_, index) => ({ id: `o${index}`, traceId: "t" }));
    expect((await post("/v1/l/batch", { observations })).status).toBe(200);
    expect(queued.length).toBeGreaterThan(2);
    expect(queued.every(({ events }) => countEvents(events) <= LIMITS.maxJobEvents)).toBe(true);
    expect(new Set(queued.flatMap(({ events }) => events.observations.map(({ id }) => id))).size).toBe(450);
  });

  test("takes keyless OTLP into the open project, and nothing else", async () => {
    const { app, queued } = setup({ openProjectId: "open" });
    const send = (path: string, headers: Record<string, string>) =>
      app.request(path, { method: "POST", body: JSON.stringify(BODIES[path]), headers: { ...JSON_TYPE, ...headers } });
    expect((await send("/v1/traces", {})).status).toBe(200);
    expect((await send("/v1/traces", { authorization: "Basic bm86cGFpcg==" })).status).toBe(200);
    expect((await send("/v1/traces", { authorization: "Bearer nobody" })).status).toBe(401);
    expect((await send("/v1/l/batch", {})).status).toBe(401);
    expect(queued.map(({ projectId }) => projectId)).toEqual(["open", "open"]);
  });

  test("lets a browser ask before it sends a score, and read a refusal", async () => {
    const { app } = setup();
    const preflight = await app.request("/api/public/ingestion", {
      method: "OPTIONS",
      headers: {
        origin: "https://a.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      },
    });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    const refused = await app.request("/api/public/ingestion", {
      method: "POST",
      headers: { origin: "https://a.example" },
    });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, "*"]);
  });

  test("takes a slash at the end of a path for none", async () => {
    const { post, queued } = setup();
    for (const [path, body] of Object.entries(BODIES)) expect((await post(`${path}/`, body)).ok, path).toBe(true);
    expect(queued).toHaveLength(INGEST_PATHS.length);
    expect((await post("/v1/traces/", "no JSON")).headers.get("content-type")).toMatch("application/json");
    expect((await post("/v1/traces//", BODIES["/v1/traces"])).status).toBe(404);
  });

  test("says what it lacks, counts what it takes, and names unknown routes", async () => {
    const { app, post } = setup();
    await post("/v1/l/batch", BODIES["/v1/l/batch"]);
    expect((await app.request("/readyz")).status).toBe(200);
    expect((await app.request("/healthz")).status).toBe(200);
    const text = await (await app.request("/metrics")).text();
    expect(text).toContain('xtrace_ingest_events_accepted_total{process="test"} 1');
    expect(text).toMatch(/xtrace_http_request_duration_seconds_count\{[^}]*route="\/v1\/l\/batch"[^}]*\} 1/);
    expect(await (await app.request("/nowhere")).json()).toMatchObject({
      code: "NOT_FOUND",
      error: "LangfuseNotFoundError",
    });
    const down = setup({ queueIsDown: true });
    expect(await (await down.app.request("/readyz")).json()).toEqual({ status: "not_ready", failures: ["queue"] });
  });

  test("answers a bug of its own with a bare 500 and logs no secret", async () => {
    const { app, lines } = setup();
    app.get("/v1/traces", () => {
      throw new Error("bug");
    });
    const response = await app.request("/v1/traces", { headers: { authorization: BASIC } });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("bug");
    expect(lines.join("")).not.toContain("secret");
  });

  test.each([...WRITE_METHODS])("answers 405 to what is no write to %s", async (path, methods) => {
    const { app } = setup();
    const response = await app.request(path, { method: "PUT", headers: { authorization: BASIC } });
    expect([response.status, response.headers.get("allow")]).toEqual([405, methods.join(", ")]);
    for (const method of methods) {
      const written = await app.request(path, { method, headers: { authorization: BASIC } });
      expect([404, 405], `${method} ${path}`).not.toContain(written.status);
    }
    expect(INGEST_PATHS).toContain(path);
  });

  test("knows its own requests among all of one address", () => {
    expect(INGEST_PATHS).toEqual(expect.arrayContaining([...OTLP_PATHS]));
    expect(isIngestRequest("POST", "/api/public/scores")).toBe(true);
    expect(isIngestRequest("GET", "/api/public/scores")).toBe(false);
    const methodsOf = (path: string) =>
      ["GET", "POST", "PATCH", "DELETE", "OPTIONS"].filter((method) => isIngestRequest(method, path));
    expect(methodsOf("/api/public/ingestion")).toEqual(["POST", "OPTIONS"]);
    expect(methodsOf("/api/public/ingestion/")).toEqual(["POST", "OPTIONS"]);
    expect(methodsOf("/api/public/traces")).toEqual(["POST", "PATCH"]);
    expect(methodsOf("/api/public/traces/")).toEqual(["POST", "PATCH"]);
    expect(methodsOf("/api/public/traces/t")).toEqual([]);
  });
});
