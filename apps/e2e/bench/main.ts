/** `pnpm bench NAME …`: one word a benchmark, whose own `--help` says the rest. Exits with 2 where it is called wrongly. */
import type { Bench } from "./bench.ts";

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  ingest: async () => (await import("./ingest/bench-ingest.ts")).ingestBench,
  query: async () => (await import("./query/bench-query.ts")).queryBench,
};

const [name = "", ...args] = process.argv.slice(2);
const bench = Object.hasOwn(BENCHES, name) ? await BENCHES[name]?.() : undefined;
if (!bench) refuse(`Usage: pnpm bench ${Object.keys(BENCHES).join("|")} [--help]`);
else if (args.includes("--help")) process.stdout.write(bench.help);
else await prepare(bench)?.();

function prepare(chosen: Bench): (() => Promise<void>) | undefined {
  try {
    return chosen.prepare(args);
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function refuse(problem: string): void {
  console.error(problem);
  process.exitCode = 2;
}
