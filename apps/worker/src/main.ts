import { createLogger, runProcess, type Logger } from "@xtrace/runtime";
import { loadWorkerConfig } from "./config.ts";
import { startWorkerProcess } from "./start-worker-process.ts";

let log: Logger | undefined;

await runProcess(
  async () => {
    const config = loadWorkerConfig(process.env);
    log = createLogger({ name: "worker", level: config.logLevel });
    return await startWorkerProcess(config, log);
  },
  () => log,
);
