import { migrateDatabase } from "@xtrace/db";
import { createTestDatabase, createTestRedis } from "@xtrace/testkit";
import {
  addressOf,
  logsOf,
  memoryOf,
  metricsOf,
  PATIENT_ENV,
  startApp,
  untilReady,
  watchProcesses,
} from "./app-process.ts";
import { buildOrCleanUp } from "./cleanup.ts";
import { startEdge } from "./edge.ts";
import { openProbes } from "./probes.ts";
import { KEY_ENV, PROJECT_A, PROJECT_B, type TestSystem } from "./test-system.ts";

/** Gateway, worker and query as in production: three processes over PostgreSQL and Redis, behind one address. */
export async function startRedisSystem(extraEnv: Readonly<Record<string, string>> = {}): Promise<TestSystem> {
  return await buildOrCleanUp(async (cleanup) => {
    const database = cleanup.use(await createTestDatabase({ migrate: migrateDatabase }));
    const redis = cleanup.use(await createTestRedis());
    const queue = { url: redis.url, prefix: `{${redis.prefix}}` };
    const env = {
      ...KEY_ENV,
      ...PATIENT_ENV,
      REDIS_URL: queue.url,
      QUEUE_PREFIX: queue.prefix,
      DATABASE_URL: database.url,
      BIND_ADDR: "127.0.0.1:0",
      WORKER_HEALTH_ADDR: "127.0.0.1:0",
      RATE_LIMIT_QPS: "0",
      SHUTDOWN_DELAY_MS: "0",
      ...extraEnv,
    };
    const gateway = cleanup.use(startApp("gateway", env));
    const worker = cleanup.use(startApp("worker", env));
    const query = cleanup.use(startApp("query", env));
    const [gatewayUrl, queryUrl, workerUrl] = await Promise.all([
      addressOf(gateway),
      addressOf(query),
      addressOf(worker),
    ]);
    await Promise.all([untilReady(gatewayUrl), untilReady(queryUrl)]);
    const edge = await startEdge({ gatewayUrl, queryUrl });
    cleanup.defer(() => edge.close());
    const probes = openProbes({ databaseUrl: database.url, queue });
    cleanup.defer(() => probes.close());

    const processes = { gateway, worker, query };
    const stop = () => cleanup.run();
    return {
      baseUrl: edge.url,
      ingestUrl: gatewayUrl,
      projectA: PROJECT_A,
      projectB: PROJECT_B,
      deadProcesses: watchProcesses(processes),
      queueCounts: () => probes.queueCounts(),
      deadLetters: () => probes.deadLetters(),
      databaseUrl: database.url,
      metrics: () => metricsOf([gatewayUrl, workerUrl]),
      memoryBytes: () => memoryOf(processes),
      logs: () => logsOf(processes),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  });
}
