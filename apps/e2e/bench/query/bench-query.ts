import { fileURLToPath } from "node:url";
import { benchOptions, USAGE } from "./options.ts";
import { runQueryBench } from "./query-bench.ts";

const BUILT_APP = fileURLToPath(new URL("../../../query/dist/main.js", import.meta.url));

/** `pnpm bench query`. */
export async function benchQuery(args: readonly string[]): Promise<void> {
  const log = (line: string) => void process.stdout.write(`${line}\n`);
  if (args.includes("--help")) log(USAGE);
  else await runQueryBench({ ...benchOptions(args), app: BUILT_APP }, log);
}
