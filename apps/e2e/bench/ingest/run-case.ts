import { measureCopyCeiling, type CopyCeiling } from "./ceilings/copy-ceiling.ts";
import type { ThroughputCase } from "./cases.ts";
import type { LoadProcess } from "./load/load-process.ts";
import { emptyTables } from "./measure/stored-observations.ts";
import type { BenchOptions } from "./options.ts";
import type { BenchSystem } from "./system/bench-system.ts";
import { measureThroughput, type ThroughputRun } from "./throughput.ts";

export type CaseResult = {
  readonly name: string;
  readonly observationsPerBody: number;
  readonly bytesPerObservation: number;
  readonly runs: ReadonlyArray<ThroughputRun & { readonly copy: CopyCeiling }>;
};

export type Bench = {
  readonly system: BenchSystem;
  readonly load: LoadProcess;
  readonly options: BenchOptions;
  readonly progress: (line: string) => void;
};

/** 2026-01-05T00:00:00Z. Every run's data is of another day. */
const BASE_MS = 1_767_571_200_000;
const DAY_MS = 86_400_000;

let seedsUsed = 0;

/** A warm-up, then the runs, each from empty tables and with its ceiling right behind it. */
export async function runCase(bench: Bench, { name, share, ...shape }: ThroughputCase): Promise<CaseResult> {
  const { system, load, options, progress } = bench;
  const bodies = Math.ceil((options.observations * share) / shape.observationsPerBody);
  const prepare = async (count: number) => {
    const seed = options.seed * 1_000 + seedsUsed++;
    const { format, observationBytes } = shape;
    const baseMs = BASE_MS + (seedsUsed % 300) * DAY_MS;
    return await load.prepare({
      format,
      observationBytes,
      observations: shape.observationsPerBody,
      bodies: count,
      seed,
      baseMs,
    });
  };

  await prepare(Math.ceil(bodies / 10));
  await measureThroughput(system, load, options);
  const runs: Array<ThroughputRun & { copy: CopyCeiling }> = [];
  let bytes = 0;
  while (runs.length < options.runs) {
    bytes = await prepare(bodies);
    await emptyTables(system.sql);
    const run = await measureThroughput(system, load, options);
    const copy = await measureCopyCeiling(system.databaseUrl);
    runs.push({ ...run, copy });
    progress(
      `${name} ${runs.length}/${options.runs}: ${Math.round(run.observationsPerSecond)} obs/s, ` +
        `COPY ${Math.round(copy.chunked)} rows/s, deepest backlog ${run.deepestBacklog}`,
    );
  }
  const { observationsPerBody } = shape;
  return { name, observationsPerBody, bytesPerObservation: bytes / (bodies * observationsPerBody), runs };
}
