import { createMetrics, listen, stopServing, type Logger, type Service } from "@xtrace/runtime";
import type { QueryConfig } from "./config.ts";
import { openReads } from "./open-reads.ts";
import { createQueryService } from "./query-service.ts";

/** Opens the database and its replica, serves the read API at `url`, and leaves service in the order that fails no request. */
export async function startQueryProcess(config: QueryConfig, log: Logger): Promise<Service & { readonly url: string }> {
  const metrics = createMetrics({ process: "query" });
  const { database, primary, servedBy } = await openReads(config, metrics, log);
  const service = await createQueryService({ database, primary, servedBy, config, log, metrics });
  const server = await listen({ app: service.app, ...config.address });
  log.info({ url: server.url }, "listening");

  return {
    url: server.url,
    async stop(signal) {
      const { readiness } = service;
      await stopServing({ server, readiness, delayMs: config.SHUTDOWN_DELAY_MS, signal });
      await service.stop();
      await database.close();
    },
  };
}
