import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { createLogger } from "@xtrace/runtime";
import {
  createDoor,
  createTestDatabase,
  createTestRedis,
  describeWithRedis,
  eventually,
  freePort,
  hasRedisServer,
  startRedisServer,
} from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { loadWorkerConfig } from "./config.ts";
import { startWorkerProcess } from "./start-worker-process.ts";

function setup() {
  const lines: string[] = [];
  const destination = new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) });
  return { log: createLogger({ name: "test", level: "info", destination }), lines };
}

function configOf(env: { REDIS_URL: string; QUEUE_PREFIX: string; DATABASE_URL: string }) {
  return loadWorkerConfig({ ...env, WORKER_HEALTH_ADDR: "127.0.0.1:0" });
}

describeWithRedis("the worker process", () => {
  test("waits for its database, is ready with it, and stops", async () => {
    await using database = await createTestDatabase();
    await using redis = await createTestRedis();
    await using door = await createDoor(database.url);
    const { log, lines } = setup();
    const config = configOf({ REDIS_URL: redis.url, QUEUE_PREFIX: redis.prefix, DATABASE_URL: door.url });
    const healthAddr = `127.0.0.1:${await freePort()}`;
    const starting = startWorkerProcess({ ...config, healthAddr }, log);
    await eventually(() => expect(lines.join("")).toContain("cannot be migrated yet"), { timeoutMs: 10_000 });
    expect((await fetch(`http://${healthAddr}/readyz`)).status).toBe(503);
    expect((await fetch(`http://${healthAddr}/livez`)).status).toBe(200);
    await door.open();
    const worker = await starting;
    await eventually(async () => expect((await fetch(`${worker.healthUrl}/readyz`)).status).toBe(200), {
      timeoutMs: 10_000,
    });
    expect((await fetch(`${worker.healthUrl}/livez`)).status).toBe(200);
    await worker.stop("SIGTERM");
    await expect(fetch(`${worker.healthUrl}/healthz`)).rejects.toThrow();
  });

  test("says at once when the address for its health is taken", async () => {
    await using database = await createTestDatabase();
    await using redis = await createTestRedis();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as AddressInfo;
    const config = configOf({ REDIS_URL: redis.url, QUEUE_PREFIX: redis.prefix, DATABASE_URL: database.url });
    const { log } = setup();
    const starting = startWorkerProcess({ ...config, healthAddr: `127.0.0.1:${port}` }, log);
    await expect(starting).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
    taken.close();
  });
});

describe.skipIf(!hasRedisServer())("the worker process in production", () => {
  test("does not start over a Redis that may lose what it acknowledged, and lets its address go", async () => {
    await using database = await createTestDatabase();
    await using redis = await startRedisServer({ args: ["--appendonly", "no"] });
    const config = configOf({ REDIS_URL: redis.url, QUEUE_PREFIX: "{volatile}", DATABASE_URL: database.url });
    const healthAddr = `127.0.0.1:${await freePort()}`;
    const { log } = setup();
    const starting = startWorkerProcess({ ...config, requireDurableQueue: true, healthAddr }, log);
    await expect(starting).rejects.toThrow("appendonly");
    await expect(fetch(`http://${healthAddr}/livez`)).rejects.toThrow();
  });
});
