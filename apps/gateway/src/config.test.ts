import { ConfigError } from "@xtrace/runtime";
import { expect, test } from "vitest";
import { loadGatewayConfig } from "./config.ts";

test("needs nothing but the queue", () => {
  const config = loadGatewayConfig({ REDIS_URL: "redis://localhost:6379" });
  expect(config).toMatchObject({
    address: { host: "127.0.0.1", port: 8743 },
    queue: { url: "redis://localhost:6379", prefix: "{xtrace}" },
    limits: { maxBodyBytes: 20 * 1024 * 1024, maxInflatedBytes: 64 * 1024 * 1024 },
    keys: [],
    openProjectId: null,
    rateBudgets: { requests: null, bytes: null },
  });
});

test("limits keys to what it is told, with ten seconds' worth at once", () => {
  const env = { REDIS_URL: "redis://h", INGEST_RATE_REQUESTS: "100", INGEST_RATE_BYTES: "5000" };
  expect(loadGatewayConfig(env).rateBudgets).toEqual({
    requests: { perSecond: 100, burst: 1_000 },
    bytes: { perSecond: 5_000, burst: 50_000 },
  });
  expect(loadGatewayConfig({ ...env, INGEST_RATE_BURST_SECONDS: "1" }).rateBudgets.requests?.burst).toBe(100);
});

test("opens the default project to keyless OTLP only on demand, and never beside a key pair", () => {
  const open = { REDIS_URL: "redis://h", XTRACE_ALLOW_UNAUTHENTICATED_COMPAT: "1", DEFAULT_PROJECT_ID: "mine" };
  expect(loadGatewayConfig(open).openProjectId).toBe("mine");
  const withPair = { ...open, XTRACE_PUBLIC_KEY: "pk", XTRACE_SECRET_KEY: "a-secret-key" };
  expect(loadGatewayConfig(withPair).openProjectId).toBeNull();
});

test("refuses a missing or foreign queue by name", () => {
  expect(() => loadGatewayConfig({})).toThrow(/REDIS_URL/);
  expect(() => loadGatewayConfig({ REDIS_URL: "http://h" })).toThrow(ConfigError);
  const nameless = { REDIS_URL: "redis+sentinel://:hunter2@a:26379,b:26379" };
  expect(() => loadGatewayConfig(nameless)).toThrow(/^REDIS_URL: the name of the master is missing: (?!.*hunter2)/);
});
