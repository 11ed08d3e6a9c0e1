import { migrateDatabase } from "@xtrace/db";
import { createTestDatabase, createTestRedis } from "@xtrace/testkit";
import { PATIENT_ENV } from "./app-process.ts";
import { KEY_ENV } from "./test-system.ts";

export type TestStores = AsyncDisposable & {
  readonly databaseUrl: string;
  readonly queue: { readonly url: string; readonly prefix: string };
  /** What gateway, worker and query are started with over them: the test's keys, no limits, no waiting for a load balancer. */
  readonly env: Readonly<Record<string, string>>;
};

/** A database and a place in Redis of their own. With `isEmpty` the database is left to be migrated by whoever comes first. */
export async function openTestStores({ isEmpty = false } = {}): Promise<TestStores> {
  const database = await createTestDatabase(isEmpty ? {} : { migrate: migrateDatabase });
  const redis = await createTestRedis();
  const queue = { url: redis.url, prefix: `{${redis.prefix}}` };
  return {
    databaseUrl: database.url,
    queue,
    env: {
      ...KEY_ENV,
      ...PATIENT_ENV,
      REDIS_URL: queue.url,
      QUEUE_PREFIX: queue.prefix,
      DATABASE_URL: database.url,
      BIND_ADDR: "127.0.0.1:0",
      WORKER_HEALTH_ADDR: "127.0.0.1:0",
      RATE_LIMIT_QPS: "0",
      SHUTDOWN_DELAY_MS: "0",
    },
    async [Symbol.asyncDispose]() {
      await redis[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}
