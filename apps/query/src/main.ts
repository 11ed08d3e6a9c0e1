import { createLogger, runProcess, type Logger } from "@xtrace/runtime";
import { loadConfig } from "./config.ts";
import { startQueryProcess } from "./start-query-process.ts";

let log: Logger | undefined;

await runProcess(
  async () => {
    const config = loadConfig(process.env);
    log = createLogger({ name: "query", level: config.LOG_LEVEL });
    return await startQueryProcess(config, log);
  },
  () => log,
);
