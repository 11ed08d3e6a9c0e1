import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { createLogger } from "@xtrace/runtime";
import { createDoor, createTestDatabase, createTestRedis, describeWithRedis, eventually } from "@xtrace/testkit";
import { expect, test } from "vitest";
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
    const starting = startWorkerProcess(
      configOf({ REDIS_URL: redis.url, QUEUE_PREFIX: redis.prefix, DATABASE_URL: door.url }),
      log,
    );
    await eventually(() => expect(lines.join("")).toContain("cannot be migrated yet"), { timeoutMs: 10_000 });
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
