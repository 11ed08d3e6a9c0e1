import {
  createLogger,
  createMetrics,
  listen,
  runProcess,
  stopServing,
  type Logger,
  type Service,
} from "@xtrace/runtime";
import { loadConfig } from "./config.ts";
import { openReads } from "./open-reads.ts";
import { createQueryService } from "./query-service.ts";

let log: Logger | undefined;

async function start(): Promise<Service> {
  const config = loadConfig(process.env);
  log = createLogger({ name: "query", level: config.LOG_LEVEL });
  const metrics = createMetrics({ process: "query" });
  const { database, primary, servedBy } = await openReads(config, metrics, log);
  const service = await createQueryService({ database, primary, servedBy, config, log, metrics });
  const server = await listen({ app: service.app, ...config.address });
  log.info({ url: server.url }, "listening");

  return {
    async stop(signal) {
      const { readiness } = service;
      await stopServing({ server, readiness, delayMs: config.SHUTDOWN_DELAY_MS, signal });
      await service.stop();
      await database.close();
    },
  };
}

await runProcess(start, () => log);
