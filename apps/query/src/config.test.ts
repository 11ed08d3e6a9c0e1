import { ConfigError, createLogger, describeEnv } from "@xtrace/runtime";
import { describe, expect, test } from "vitest";
import { loadConfig, QuerySettings } from "./config.ts";
import { openLimiter } from "./open-limiter.ts";

const DATABASE_URL = "postgres://u:p@db:5432/xtrace";

describe("loadConfig", () => {
  test("needs nothing but a database", () => {
    expect(loadConfig({ DATABASE_URL })).toEqual({
      DATABASE_URL,
      XTRACE_ALLOW_UNAUTHENTICATED_COMPAT: false,
      BIND_ADDR: "127.0.0.1:8744",
      address: { host: "127.0.0.1", port: 8744 },
      DATABASE_REPLICA_MAX_LAG_MS: 2_000,
      DATABASE_POOL_SIZE: 10,
      STATEMENT_TIMEOUT_MS: 10_000,
      RATE_LIMIT_QPS: 20,
      RATE_LIMIT_BURST: 40,
      RATE_LIMIT_BYTES: 0,
      QUEUE_PREFIX: "{xtrace}",
      KEY_REFRESH_MS: 10_000,
      MEDIA_MAX_BYTES: 104_857_600,
      SHUTDOWN_DELAY_MS: 5_000,
      LOG_LEVEL: "info",
      DEFAULT_PROJECT_ID: "default",
    });
  });

  test.each([
    ["0.0.0.0:80", { host: "0.0.0.0", port: 80 }],
    ["[::1]:8744", { host: "::1", port: 8744 }],
    ["localhost:0", { host: "localhost", port: 0 }],
  ])("BIND_ADDR=%s", (BIND_ADDR, expected) => {
    expect(loadConfig({ DATABASE_URL, BIND_ADDR }).address).toEqual(expected);
  });

  test.each(["redis://h", "rediss://a:7000,b:7001", "redis+cluster://entry", "redis+sentinel://a,b/mymaster"])(
    "REDIS_URL=%s",
    (REDIS_URL) => {
      expect(loadConfig({ DATABASE_URL, REDIS_URL }).REDIS_URL).toBe(REDIS_URL);
    },
  );

  test("refuses a REDIS_URL that is none, here or when it is connected to", async () => {
    expect(() => loadConfig({ DATABASE_URL, REDIS_URL: "sentinel://a/mymaster" })).toThrow("redis+sentinel://a:26379");
    const config = loadConfig({ DATABASE_URL, REDIS_URL: "redis+sentinel://:hunter2@a,b" });
    await expect(openLimiter(config, createLogger({ name: "test", level: "silent" }))).rejects.toThrow(
      new ConfigError("REDIS_URL: the name of the master is missing: redis+sentinel://a:26379,b:26379/mymaster"),
    );
  });

  test.each(["8744", "host", "host:", "host:99999", ":80"])("refuses BIND_ADDR=%s", (BIND_ADDR) => {
    expect(() => loadConfig({ DATABASE_URL, BIND_ADDR })).toThrow("expected host:port");
  });

  test("names every bad variable at once and quotes none", () => {
    const env = { DATABASE_URL: "mysql://secret", RATE_LIMIT_QPS: "-1", RATE_LIMIT_BURST: "0", LOG_LEVEL: "loud" };
    expect(() => loadConfig(env)).toThrow(ConfigError);
    expect(() => loadConfig(env)).toThrow(/DATABASE_URL.*RATE_LIMIT_QPS.*RATE_LIMIT_BURST.*LOG_LEVEL/s);
    expect(() => loadConfig(env)).not.toThrow(/secret/);
  });

  test("describes every variable", () => {
    expect(describeEnv(QuerySettings).filter(({ description }) => description === "")).toEqual([]);
  });
});
