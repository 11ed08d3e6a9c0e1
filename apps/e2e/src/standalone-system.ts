import { migrateDatabase } from "@xtrace/db";
import { createTestDatabase } from "@xtrace/testkit";
import { logsOf, memoryOf, metricsOf, PATIENT_ENV, startApp, untilReady, watchProcesses } from "./app-process.ts";
import { buildOrCleanUp } from "./cleanup.ts";
import { openProbes } from "./probes.ts";
import { KEY_ENV, PROJECT_A, PROJECT_B, type TestSystem } from "./test-system.ts";

const START_TIMEOUT_MS = 60_000;

/** BullMQ's tables, in the system's own database. */
export const QUEUE_SCHEMA = "xtrace_queue";

/**
 * Everything in one process, with PostgreSQL as the queue. The database is one of the run's server;
 * the embedded one is what the tests of the standalone command start.
 */
export async function startStandaloneSystem(extraEnv: Readonly<Record<string, string>> = {}): Promise<TestSystem> {
  return await buildOrCleanUp(async (cleanup) => {
    const database = cleanup.use(await createTestDatabase({ migrate: migrateDatabase }));
    const env = {
      ...KEY_ENV,
      ...PATIENT_ENV,
      DATABASE_URL: database.url,
      BIND_ADDR: "127.0.0.1:0",
      RATE_LIMIT_QPS: "0",
      ...extraEnv,
    };
    const standalone = cleanup.use(startApp("standalone", env));
    const url = urlIn(await standalone.waitForLine(/^ *URL +http/, START_TIMEOUT_MS));
    await untilReady(url);
    const probes = openProbes({ databaseUrl: database.url, queue: { url: database.url, prefix: QUEUE_SCHEMA } });
    cleanup.defer(() => probes.close());

    const stop = () => cleanup.run();
    return {
      baseUrl: url,
      ingestUrl: url,
      projectA: PROJECT_A,
      projectB: PROJECT_B,
      deadProcesses: watchProcesses({ standalone }),
      queueCounts: () => probes.queueCounts(),
      deadLetters: () => probes.deadLetters(),
      databaseUrl: database.url,
      metrics: () => metricsOf([url]),
      memoryBytes: () => memoryOf({ standalone }),
      logs: () => logsOf({ standalone }),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  });
}

/** The address in a line of what a starting standalone prints. */
export function urlIn(line: string): string {
  return /http:\/\/\S+/.exec(line)?.[0] ?? "";
}
