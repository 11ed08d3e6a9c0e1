import { createLogger, runProcess, type Logger } from "@xtrace/runtime";
import { loadGatewayConfig } from "./config.ts";
import { startGatewayProcess } from "./start-gateway-process.ts";

let log: Logger | undefined;

await runProcess(
  async () => {
    const config = loadGatewayConfig(process.env);
    log = createLogger({ name: "gateway", level: config.logLevel });
    return await startGatewayProcess(config, log);
  },
  () => log,
);
