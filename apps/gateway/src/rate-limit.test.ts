import { gzipSync } from "node:zlib";
import type { RateBudgets } from "@xtrace/contract";
import {
  createKeyRing,
  createLogger,
  createMemoryRateLimiter,
  createMetrics,
  createReadiness,
  hashSecret,
} from "@xtrace/runtime";
import { describe, expect, test } from "vitest";
import { createGatewayApp } from "./app.ts";
import { createRecentTraces } from "./protocols/langfuse/recent-traces.ts";
import { createGatewayMetrics } from "./gateway-metrics.ts";
import { INGEST_PATHS } from "./ingest-paths.ts";
import { OTLP_PATHS } from "./protocols/otlp/otlp-paths.ts";

const basic = (name: string) => `Basic ${Buffer.from(`${name}:secret`).toString("base64")}`;
const keyOf = (publicKey: string) => ({
  projectId: "p",
  publicKey,
  secretHash: hashSecret(`secret`),
  scopes: ["ingest" as const],
});

function setup(budgets: Partial<RateBudgets>) {
  const metrics = createMetrics({ process: "test" });
  let nowMs = 0;
  let accepted = 0;
  const app = createGatewayApp({
    recentTraces: createRecentTraces({ shared: null, onError: () => {} }),
    accept: async () => void (accepted += 1),
    reject: () => {},
    limits: { maxBodyBytes: 1_000_000, maxInflatedBytes: 1_000_000 },
    nowUs: () => 1_700_000_000_000_000,
    log: createLogger({ name: "test", level: "silent" }),
    keyRing: createKeyRing([keyOf("busy"), keyOf("calm")]),
    openProjectId: null,
    admission: { closed: () => undefined },
    limiter: createMemoryRateLimiter({ requests: null, bytes: null, ...budgets }, () => nowMs),
    checks: {},
    readiness: createReadiness(),
    metrics,
    gatewayMetrics: createGatewayMetrics(metrics),
  });
  return {
    accepted: () => accepted,
    elapse: (ms: number) => void (nowMs += ms),
    metrics: async () => (await app.request("/metrics")).text(),
    post: (path: string, init: { body?: string | Uint8Array; headers?: Record<string, string> } = {}) =>
      app.request(path, {
        method: "POST",
        body: (init.body ?? "{}") as string,
        headers: { authorization: basic("busy"), "content-type": "application/json", ...init.headers },
      }),
  };
}

const quota = (headers: Headers) =>
  ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"].map((name) => headers.get(name));

describe.each(INGEST_PATHS)("POST %s", (path) => {
  test("says what is left, and refuses what is beyond it in the form of its protocol", async () => {
    const { post, elapse, metrics } = setup({ requests: { perSecond: 1, burst: 2 } });
    expect(quota((await post(path)).headers)).toEqual(["2", "1", "1", null]);
    expect(quota((await post(path)).headers)).toEqual(["2", "0", "2", null]);
    const refused = await post(path);
    expect([refused.status, ...quota(refused.headers)]).toEqual([429, "2", "0", "1", "1"]);
    const message = "Too Many Requests: this key has used up its 2 requests, try again in 1 s";
    expect(await refused.json()).toMatchObject(
      OTLP_PATHS.includes(path)
        ? { code: 8, message }
        : { code: "TOO_MANY_REQUESTS", error: "RateLimitExceededError", message },
    );
    expect(await metrics()).toContain('xtrace_rate_limited_total{scope="ingest",budget="requests",process="test"} 1');
    elapse(1_000);
    expect((await post(path)).status).not.toBe(429);
  });

  test("counts the bytes of a body after decompression, and lets a large one be paid for later", async () => {
    const { post, elapse } = setup({ bytes: { perSecond: 100, burst: 1_000 } });
    const body = gzipSync(JSON.stringify({ padding: "x".repeat(4_986) }));
    expect(body.length).toBeLessThan(100);
    const headers = { "content-encoding": "gzip" };
    expect((await post(path, { body, headers })).status).not.toBe(429);
    const refused = await post(path);
    expect([refused.status, ...quota(refused.headers)]).toEqual([429, "1000", "0", "41", "41"]);
    elapse(40_000);
    expect((await post(path)).status).toBe(429);
    elapse(1_000);
    expect((await post(path)).status).not.toBe(429);
  });

  test("counts what a body that nobody could read announced", async () => {
    const { post } = setup({ bytes: { perSecond: 100, burst: 1_000 } });
    expect((await post(path, { body: "{".repeat(2_000), headers: { "content-length": "2000" } })).status).toBe(400);
    expect((await post(path)).status).toBe(429);
  });
});

test("a refused OTLP export in protobuf is told so in protobuf", async () => {
  const { post } = setup({ requests: { perSecond: 1, burst: 1 } });
  const headers = { "content-type": "application/x-protobuf" };
  await post("/v1/traces", { body: "", headers });
  const refused = await post("/v1/traces", { body: "", headers });
  expect([refused.status, refused.headers.get("content-type")]).toEqual([429, "application/x-protobuf"]);
  // google.rpc.Status: field 1 is RESOURCE_EXHAUSTED.
  expect([...new Uint8Array(await refused.arrayBuffer()).subarray(0, 2)]).toEqual([0x08, 8]);
});

test("one key's use leaves another's alone, and nothing of a refused request is queued", async () => {
  const { post, accepted } = setup({ requests: { perSecond: 1, burst: 1 } });
  const body = '{"trace":{"id":"t"}}';
  const calm = { body, headers: { authorization: basic("calm") } };
  expect((await post("/v1/l/batch", { body })).status).toBe(200);
  for (let index = 0; index < 5; index += 1) expect((await post("/v1/l/batch", { body })).status).toBe(429);
  expect((await post("/v1/l/batch", calm)).status).toBe(200);
  expect(accepted()).toBe(2);
});

test("a public key by itself, as pages hold it, cannot use up what its owner has", async () => {
  const { post } = setup({ requests: { perSecond: 1, burst: 1 } });
  const page = { headers: { authorization: "Bearer busy" }, body: '{"batch":[]}' };
  expect((await post("/api/public/ingestion", page)).status).toBe(207);
  expect((await post("/api/public/ingestion", page)).status).toBe(429);
  expect((await post("/api/public/ingestion", { body: '{"batch":[]}' })).status).toBe(207);
});
