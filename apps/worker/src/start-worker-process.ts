import { openDatabase } from "@xtrace/db";
import { guardDurability } from "@xtrace/queue";
import {
  ConfigError,
  createMetrics,
  createReadiness,
  healthRoutes,
  listen,
  logRepeatedErrors,
  messageOf,
  parseAddress,
  type Logger,
  type Service,
} from "@xtrace/runtime";
import type { WorkerConfig } from "./config.ts";
import { migratePatiently } from "./migrate-patiently.ts";
import { startWorker, type WorkerService } from "./service.ts";

const DRAIN_MS = 1_000;

/**
 * Migrates, consumes, and says how it is at `healthUrl`, from the first moment: while the database is
 * awaited it is live and not ready. Stops in the order that loses nothing.
 */
export async function startWorkerProcess(config: WorkerConfig, log: Logger): Promise<Service & { healthUrl: string }> {
  const metrics = createMetrics({ process: "worker" });
  const readiness = createReadiness();
  const durability = guardDurability({
    ...config.queue,
    required: config.requireDurableQueue,
    onWarning: (message) => log.warn(message),
    onError: logRepeatedErrors(log, "queue settings error"),
  });
  const running: { worker?: WorkerService } = {};
  const checkOf = (name: keyof WorkerService["checks"]) => async () => {
    if (!running.worker) throw new Error("still starting");
    await running.worker.checks[name]();
  };
  const app = healthRoutes({
    checks: { database: checkOf("database"), queue: checkOf("queue"), durability: durability.check },
    liveness: async () => await running.worker?.liveness(),
    readiness,
    metrics,
  });
  const server = await listen({ app, ...parseAddress(config.healthAddr) });

  await durability.first.catch(async (cause: unknown) => {
    await durability.close();
    await server.close(0);
    throw new ConfigError(messageOf(cause), { cause });
  });
  await migratePatiently(config.database.url, log);
  const database = openDatabase({ ...config.database, applicationName: "xtrace-worker" });
  const { queue, batch, limits, keyRefreshMs } = config;
  const worker = startWorker({ database, queue, batch, limits, keyRefreshMs, log, metrics });
  running.worker = worker;
  log.info({ health: server.url, batch }, "worker started");
  return {
    healthUrl: server.url,
    async stop() {
      readiness.startDraining();
      await worker.stop();
      await durability.close();
      await database.close();
      await server.close(DRAIN_MS);
    },
  };
}
