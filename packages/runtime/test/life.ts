import { setTimeout as sleep } from "node:timers/promises";
import { runProcess } from "../src/process.ts";

/** A process that starts and stops as its argument says, and prints how far it is. */
const [mode] = process.argv.slice(2);
const print = (line: string) => process.stdout.write(`${line}\n`);

const keepRunning = setInterval(() => {}, 1_000);

await runProcess(
  async () => {
    if (mode === "late" || mode === "never") {
      print("starting");
      await sleep(mode === "late" ? 500 : 60_000);
    }
    print("started");
    return {
      async stop(signal) {
        print(`stopping at ${signal}`);
        if (mode === "endless") await sleep(60_000);
        clearInterval(keepRunning);
        print("stopped");
      },
    };
  },
  () => undefined,
);
