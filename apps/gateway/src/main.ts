import { setTimeout as sleep } from "node:timers/promises";
import { openKeyDirectory } from "@xtrace/queue";
import { createLogger, createMetrics, createReadiness, listen, runProcess, type Logger } from "@xtrace/runtime";
import { loadGatewayConfig } from "./config.ts";
import { startGateway } from "./service.ts";

const DRAIN_MS = 10_000;

let log: Logger | undefined;

await runProcess(
  async () => {
    const config = loadGatewayConfig(process.env);
    const logger = createLogger({ name: "gateway", level: config.logLevel });
    log = logger;
    const readiness = createReadiness();
    const directory = openKeyDirectory({
      ...config.queue,
      onError: (err) => logger.warn({ err }, "key directory error"),
    });
    const gateway = await startGateway({
      config,
      loadKeys: () => directory.read(),
      readiness,
      log: logger,
      metrics: createMetrics({ process: "gateway" }),
    });
    const server = await listen({ app: gateway.app, ...config.address });
    logger.info({ url: server.url }, "gateway started");
    return {
      async stop() {
        readiness.startDraining();
        await sleep(config.shutdownDelayMs);
        await server.close(DRAIN_MS);
        await gateway.stop();
        await directory.close();
      },
    };
  },
  () => log,
);
