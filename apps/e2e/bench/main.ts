/** `pnpm bench NAME …`: one word a benchmark, whose own `--help` says the rest. */
const BENCHES: Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<void>>>> = {
  ingest: async () => (await import("./ingest/bench-ingest.ts")).benchIngest,
  query: async () => (await import("./query/bench-query.ts")).benchQuery,
};

const [name = "", ...args] = process.argv.slice(2);
const load = BENCHES[name];
if (load) {
  const run = await load();
  await run(args);
} else {
  console.error(`Usage: pnpm bench ${Object.keys(BENCHES).join("|")} [--help]`);
  process.exitCode = 2;
}
