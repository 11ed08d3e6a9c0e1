import { openKeyDirectory } from "@xtrace/queue";
import {
  createMetrics,
  createReadiness,
  listen,
  logRepeatedErrors,
  stopServing,
  together,
  type Logger,
  type Service,
} from "@xtrace/runtime";
import type { GatewayConfig } from "./config.ts";
import { startGateway } from "./service.ts";

/**
 * Serves the gateway at `url`, and OTLP over gRPC at `grpcUrl` if that is wanted, with keys from the environment and from
 * Redis. Stops in the order that refuses nobody.
 */
export async function startGatewayProcess(
  config: GatewayConfig,
  log: Logger,
): Promise<Service & { url: string; grpcUrl: string | undefined }> {
  const readiness = createReadiness();
  const directory = openKeyDirectory({ ...config.queue, onError: logRepeatedErrors(log, "key directory error") });
  const gateway = await startGateway({
    config,
    loadKeys: () => directory.read(),
    readiness,
    log,
    metrics: createMetrics({ process: "gateway" }),
  });
  const http = await listen({ app: gateway.app, ...config.address });
  const grpc = config.grpcAddress && (await gateway.listenGrpc(config.grpcAddress));
  const server = together(grpc ? [http, grpc] : [http]);
  log.info({ url: http.url, grpcUrl: grpc?.url }, "gateway started");
  return {
    url: http.url,
    grpcUrl: grpc?.url,
    async stop(signal) {
      await stopServing({ server, readiness, delayMs: config.shutdownDelayMs, signal });
      await gateway.stop();
      await directory.close();
    },
  };
}
