import { addressOf, logsOf, memoryOf, metricsOf, startApp, untilReady, watchProcesses } from "./app-process.ts";
import { buildOrCleanUp } from "./cleanup.ts";
import { startEdge } from "./edge.ts";
import { openProbes } from "./probes.ts";
import { openTestStores } from "./test-stores.ts";
import { PROJECT_A, PROJECT_B, type TestSystem } from "./test-system.ts";

/** Gateway, worker and query as in production: three processes over PostgreSQL and Redis, behind one address. */
export async function startRedisSystem(extraEnv: Readonly<Record<string, string>> = {}): Promise<TestSystem> {
  return await buildOrCleanUp(async (cleanup) => {
    const stores = cleanup.use(await openTestStores());
    const { databaseUrl, queue } = stores;
    const env = { ...stores.env, ...extraEnv };
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
    const probes = openProbes({ databaseUrl, queue });
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
      databaseUrl,
      metrics: () => metricsOf([gatewayUrl, workerUrl]),
      memoryBytes: () => memoryOf(processes),
      logs: () => logsOf(processes),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  });
}
