import { measureCopyCeiling, type CopyCeiling } from "./ceilings/copy-ceiling.ts";
import type { ThroughputCase } from "./cases.ts";
import { measureBareCeiling, type BareServer } from "./ceilings/bare-server.ts";
import type { LoadProcess } from "./load/load-process.ts";
import type { Workload } from "./load/messages.ts";
import { emptyTables } from "./measure/stored-observations.ts";
import type { BenchOptions } from "./options.ts";
import type { BenchSystem } from "./system/bench-system.ts";
import { measureThroughput, type ThroughputRun } from "./throughput.ts";

export type CaseResult = {
  readonly name: string;
  readonly observationsPerBody: number;
  readonly bytesPerObservation: number;
  readonly runs: readonly MeasuredRun[];
};

/** A run and the ceilings that were measured right behind it. */
export type MeasuredRun = ThroughputRun & {
  /** `undefined` where the tables hold more than the run's rows. */
  readonly copy: CopyCeiling | undefined;
  /** Observations a second through a handler that only parses. */
  readonly bareObservationsPerSecond: number;
};

export type Bench = {
  readonly system: BenchSystem;
  readonly load: LoadProcess;
  readonly bare: BareServer;
  readonly options: BenchOptions;
  readonly progress: (line: string) => void;
};

/** 2026-01-05T00:00:00Z. Every run's data is of another day. */
const BASE_MS = 1_767_571_200_000;
const DAY_MS = 86_400_000;

let workloadsMade = 0;

/** Every workload has ids and a day of its own. */
export function nextWorkload({ seed }: { readonly seed: number }): Pick<Workload, "seed" | "baseMs"> {
  workloadsMade++;
  return { seed: seed * 1_000 + workloadsMade, baseMs: BASE_MS + (workloadsMade % 300) * DAY_MS };
}

/**
 * A warm-up, then the runs, each with its ceilings right behind it. They start from empty tables,
 * unless `keepRows`. The warm-up is as long as a run: V8 compiles what a process does often, and is done with most of it
 * after some 60,000 observations.
 */
export async function runCase(bench: Bench, oneCase: ThroughputCase, keepRows = false): Promise<CaseResult> {
  const { system, load, options, progress } = bench;
  const { name, format, observationsPerBody, observationBytes, share } = oneCase;
  const bodies = Math.ceil((options.observations * share) / observationsPerBody);
  const shape = { format, observations: observationsPerBody, observationBytes };
  const prepare = (count: number) => load.prepare({ ...shape, bodies: count, ...nextWorkload(options) });

  await prepare(bodies);
  await measureThroughput(system, load, options);
  const runs: MeasuredRun[] = [];
  let bytes = 0;
  while (runs.length < options.runs) {
    bytes = await prepare(bodies);
    if (!keepRows) await emptyTables(system.sql);
    const run = await measureThroughput(system, load, options);
    const copy = keepRows ? undefined : await measureCopyCeiling(system.databaseUrl);
    const bareObservationsPerSecond = await measureBareCeiling(bench.bare, load, options.connections);
    runs.push({ ...run, copy, bareObservationsPerSecond });
    progress(
      `${name} ${runs.length}/${options.runs}: ${Math.round(run.observationsPerSecond)} obs/s, ` +
        `${copy ? `COPY ${Math.round(copy.chunked)} rows/s, ` : ""}deepest backlog ${run.deepestBacklog}`,
    );
  }
  return { name, observationsPerBody, bytesPerObservation: bytes / (bodies * observationsPerBody), runs };
}
