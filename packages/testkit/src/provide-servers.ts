import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@xtrace/embedded-postgres";
import { installRedis } from "./install-redis.ts";
import { hasRedisServer, startRedisServer } from "./redis-server.ts";

export type ProvidedServer = {
  readonly url: string;
  stop(): Promise<void>;
  /** For the moment when the process exits and nothing can be awaited. */
  stopNow(): void;
};

/** The data is thrown away, so nothing waits for the disk. */
const SETTINGS = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" };

/** `TEST_DATABASE_URL`, else a private PostgreSQL. */
export async function providePostgres(): Promise<ProvidedServer> {
  const given = process.env["TEST_DATABASE_URL"];
  if (given) return notOurs(given);
  const dataDir = await mkdtemp(join(tmpdir(), "xtrace-test-postgres-"));
  const server = await startEmbeddedPostgres({ dataDir, database: "xtrace", settings: SETTINGS });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
    stopNow: () => {
      signal(server.pid, "SIGQUIT");
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** `TEST_REDIS_URL`, else a private Redis, installed if that is possible; `undefined` if there is none to be had. */
export async function provideRedis(): Promise<ProvidedServer | undefined> {
  const given = process.env["TEST_REDIS_URL"];
  if (given) return notOurs(given);
  if (!hasRedisServer()) installRedis();
  if (!hasRedisServer()) {
    console.log("Redis: none. Tests that need it are SKIPPED; install redis-server or set TEST_REDIS_URL");
    return undefined;
  }
  const server = await startRedisServer();
  return {
    url: server.url,
    stop: () => server[Symbol.asyncDispose](),
    stopNow: () => {
      signal(server.pid, "SIGKILL");
      rmSync(server.dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function notOurs(url: string): ProvidedServer {
  return { url, stop: async () => {}, stopNow: () => {} };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}
