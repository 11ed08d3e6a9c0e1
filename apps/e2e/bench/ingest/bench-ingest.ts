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
import type { Bench } from "../bench.ts";
import { startLoadProcess } from "./load/load-process.ts";
import { startBareServer } from "./ceilings/bare-server.ts";
import { describeMachine, describePostgresSettings } from "./machine.ts";
import { measureAll } from "./measure-all.ts";
import { HELP, parseOptions, type BenchOptions } from "./options.ts";
import { printFindings } from "./report.ts";
import { createScope, type Scope } from "./scope.ts";
import { REDIS_ARGS, startBenchStandalone, startBenchSystem } from "./system/bench-system.ts";
import { startPostgres } from "./system/postgres-server.ts";

/** `pnpm bench ingest`. */
export const ingestBench: Bench = {
  help: HELP,
  prepare: (args) => {
    const options = parseOptions(args);
    return () => run(options);
  },
};

async function run(options: BenchOptions): Promise<void> {
  const scope = createScope();
  const interrupt = () => {
    console.error("interrupted, ending what was started");
    void scope.end().finally(() => process.exit(130));
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    await measureAndReport(options, scope);
  } finally {
    await scope.end();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

async function measureAndReport(options: BenchOptions, scope: Scope): Promise<void> {
  const serverUrl = options.postgresUrl ?? (await scope.own(startPostgres(options.dataDir))).url;
  const system = await scope.own(startBenchSystem(serverUrl, options.fromSources));
  // Not the url, which holds a password.
  const { postgresUrl: _, ...said } = options;
  const settings = { ...said, postgres: await describePostgresSettings(system.sql), redis: REDIS_ARGS.join(" ") };
  const machine = await describeMachine(system.sql);

  const load = await scope.own(startLoadProcess());
  const bare = await scope.own(startBareServer());
  const progress = (line: string) => console.error(line);
  const startStandalone = () => scope.own(startBenchStandalone(serverUrl, options.fromSources));
  const findings = await measureAll({ system, load, bare, options, progress }, startStandalone);
  process.stdout.write(printFindings(findings));
  if (options.jsonFile !== undefined) {
    await writeFile(options.jsonFile, `${JSON.stringify({ machine, settings, ...findings }, undefined, 2)}\n`);
  }
}
