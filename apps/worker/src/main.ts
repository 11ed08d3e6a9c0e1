import { openDatabase } from "@xtrace/db";
import {
  createLogger,
  createMetrics,
  createReadiness,
  healthRoutes,
  listen,
  parseAddress,
  runProcess,
  type Logger,
} from "@xtrace/runtime";
import { loadWorkerConfig } from "./config.ts";
import { migratePatiently } from "./migrate-patiently.ts";
import { startWorker } from "./service.ts";

const DRAIN_MS = 1_000;

let log: Logger | undefined;

await runProcess(
  async () => {
    const config = loadWorkerConfig(process.env);
    const logger = createLogger({ name: "worker", level: config.logLevel });
    log = logger;
    await migratePatiently(config.database.url, logger);

    const metrics = createMetrics({ process: "worker" });
    const readiness = createReadiness();
    const database = openDatabase({ ...config.database, applicationName: "xtrace-worker" });
    const worker = startWorker({
      database,
      queue: config.queue,
      batch: config.batch,
      keyRefreshMs: config.keyRefreshMs,
      log: logger,
      metrics,
    });
    const app = healthRoutes({ checks: worker.checks, liveness: worker.liveness, readiness, metrics });
    const server = await listen({ app, ...parseAddress(config.healthAddr) });
    logger.info({ health: server.url, batch: config.batch }, "worker started");
    return {
      async stop() {
        readiness.startDraining();
        await worker.stop();
        await database.close();
        await server.close(DRAIN_MS);
      },
    };
  },
  () => log,
);
