import { openKeyDirectory } from "@xtrace/queue";
import {
  createMetrics,
  createReadiness,
  listen,
  logRepeatedErrors,
  stopServing,
  type Logger,
  type Service,
} from "@xtrace/runtime";
import type { GatewayConfig } from "./config.ts";
import { startGateway } from "./service.ts";

/** Serves the gateway at `url`, with keys from the environment and from Redis. Stops in the order that refuses nobody. */
export async function startGatewayProcess(config: GatewayConfig, log: Logger): Promise<Service & { url: string }> {
  const readiness = createReadiness();
  const directory = openKeyDirectory({ ...config.queue, onError: logRepeatedErrors(log, "key directory error") });
  const gateway = await startGateway({
    config,
    loadKeys: () => directory.read(),
    readiness,
    log,
    metrics: createMetrics({ process: "gateway" }),
  });
  const server = await listen({ app: gateway.app, ...config.address });
  log.info({ url: server.url }, "gateway started");
  return {
    url: server.url,
    async stop(signal) {
      await stopServing({ server, readiness, delayMs: config.shutdownDelayMs, signal });
      await gateway.stop();
      await directory.close();
    },
  };
}
