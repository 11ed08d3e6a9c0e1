import { fileURLToPath } from "node:url";
import type { Bench } from "../bench.ts";
import { benchOptions, HELP } from "./options.ts";
import { runQueryBench } from "./query-bench.ts";

const BUILT_APP = fileURLToPath(new URL("../../../query/dist/main.js", import.meta.url));

/** `pnpm bench query`. */
export const queryBench: Bench = {
  help: HELP,
  prepare: (args) => {
    const options = { ...benchOptions(args), app: BUILT_APP };
    return async () => {
      await runQueryBench(options, (line) => void process.stdout.write(`${line}\n`));
    };
  },
};
