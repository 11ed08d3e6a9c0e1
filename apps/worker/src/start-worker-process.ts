import { openDatabase } from "@xtrace/db";
import {
  createMetrics,
  createReadiness,
  healthRoutes,
  listen,
  parseAddress,
  type Logger,
  type Service,
} from "@xtrace/runtime";
import { Hono } from "hono";
import type { WorkerConfig } from "./config.ts";
import { migratePatiently } from "./migrate-patiently.ts";
import { startWorker } from "./service.ts";

const DRAIN_MS = 1_000;

/** Migrates, consumes, and says how it is at `healthUrl`. Stops in the order that loses nothing. */
export async function startWorkerProcess(config: WorkerConfig, log: Logger): Promise<Service & { healthUrl: string }> {
  await migratePatiently(config.database.url, log);
  const metrics = createMetrics({ process: "worker" });
  const readiness = createReadiness();
  const database = openDatabase({ ...config.database, applicationName: "xtrace-worker" });
  const { queue, batch, keyRefreshMs } = config;
  const app = new Hono();
  // Before anything is consumed: a process whose health cannot be asked must not work unseen.
  const server = await listen({ app, ...parseAddress(config.healthAddr) });
  const worker = startWorker({ database, queue, batch, keyRefreshMs, log, metrics });
  app.route("/", healthRoutes({ checks: worker.checks, liveness: worker.liveness, readiness, metrics }));
  log.info({ health: server.url, batch }, "worker started");
  return {
    healthUrl: server.url,
    async stop() {
      readiness.startDraining();
      await worker.stop();
      await database.close();
      await server.close(DRAIN_MS);
    },
  };
}
