import { openDatabase } from "@xtrace/db";
import { createLogger, listen, runProcess, stopServing, type Logger, type Service } from "@xtrace/runtime";
import { loadConfig } from "./config.ts";
import { createQueryService } from "./query-service.ts";

let log: Logger | undefined;

async function start(): Promise<Service> {
  const config = loadConfig(process.env);
  log = createLogger({ name: "query", level: config.LOG_LEVEL });
  const database = openDatabase({
    url: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    applicationName: "xtrace-query",
    statementTimeoutMs: config.STATEMENT_TIMEOUT_MS,
  });
  const service = await createQueryService({ database, config, log });
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
