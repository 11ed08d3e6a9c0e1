/*
 * Purpose: to tell how fast the write path is, in figures that hold on any machine: every rate stands
 * beside a ceiling that was measured on the same machine in the same minutes.
 *
 * The three processes of production run from their builds, over a Redis that flushes its file every
 * second and a PostgreSQL that flushes every commit. A process of its own sends bodies that were made
 * before the clock started. A run counts only if exactly what was acknowledged is stored.
 *
 * Not asked: whether data survives a crash (apps/e2e/chaos), how fast it is read (`pnpm bench query`),
 * how several machines scale. Everything shares this machine, the sender included.
 */
import { writeFile } from "node:fs/promises";
import { createCleanup } from "../../src/cleanup.ts";
import { THROUGHPUT_CASES } from "./cases.ts";
import { startLoadProcess } from "./load/load-process.ts";
import { describeMachine, describePostgresSettings } from "./machine.ts";
import { HELP, parseOptions, type BenchOptions } from "./options.ts";
import { summarizeCase, throughputTable, type CaseSummary } from "./report.ts";
import { runCase } from "./run-case.ts";
import { REDIS_ARGS, startBenchSystem } from "./system/bench-system.ts";
import { startPostgres } from "./system/postgres-server.ts";

export async function benchIngest(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (!options) return void process.stdout.write(HELP);
  const cleanup = createCleanup();
  const interrupt = () => {
    console.error("interrupted, ending what was started");
    void cleanup.run().finally(() => process.exit(130));
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const serverUrl = options.postgresUrl ?? cleanup.use(await startPostgres(options.dataDir)).url;
    const system = cleanup.use(await startBenchSystem(serverUrl));
    const load = cleanup.use(startLoadProcess());
    const progress = (line: string) => console.error(line);

    // Not the url, which holds a password.
    const { postgresUrl: _, ...said } = options;
    const settings = { ...said, postgres: await describePostgresSettings(system.sql), redis: REDIS_ARGS.join(" ") };
    const machine = await describeMachine(system.sql);
    const throughput: CaseSummary[] = [];
    for (const oneCase of THROUGHPUT_CASES.filter(({ name }) => isWanted(options, name))) {
      throughput.push(summarizeCase(await runCase({ system, load, options, progress }, oneCase)));
    }
    process.stdout.write(throughputTable(throughput));
    const report = { machine, settings, throughput };
    if (options.jsonFile !== undefined) await writeFile(options.jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
  } finally {
    await cleanup.run();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

function isWanted({ only }: BenchOptions, name: string): boolean {
  return only.length === 0 || only.includes(name);
}
