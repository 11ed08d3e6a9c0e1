import { ConfigError } from "@xtrace/runtime";
import { expect, test } from "vitest";
import { loadWorkerConfig } from "./config.ts";

const NEEDED = { REDIS_URL: "redis://h", DATABASE_URL: "postgres://h/x" };

test("batches two hundred items or fifty milliseconds unless told otherwise", () => {
  expect(loadWorkerConfig(NEEDED).batch).toEqual({
    maxItems: 200,
    maxWaitMs: 50,
    maxEvents: 2_000,
    maxPrefetchBytes: 8_388_608,
  });
  expect(loadWorkerConfig({ ...NEEDED, BATCH_MAX_ITEMS: "10", BATCH_MAX_WAIT_MS: "5" }).batch).toMatchObject({
    maxItems: 10,
    maxWaitMs: 5,
  });
});

test("names what is missing or wrong", () => {
  expect(() => loadWorkerConfig({})).toThrow(/REDIS_URL[\s\S]*DATABASE_URL/);
  expect(() => loadWorkerConfig({ ...NEEDED, BATCH_MAX_ITEMS: "0" })).toThrow(ConfigError);
});
