import { spreadOf, type Spread } from "./measure/quantile.ts";
import type { Storage } from "./measure/storage.ts";
import type { CaseResult, MeasuredRun } from "./run-case.ts";
import type { ProcessName } from "./system/bench-system.ts";

export type CaseSummary = {
  readonly name: string;
  readonly observationsPerSecond: Spread;
  /** The ceilings; COPY's is absent where the tables held more than the run's rows. */
  readonly copyRowsPerSecond: Spread | undefined;
  readonly copySingleStatementRowsPerSecond: Spread | undefined;
  readonly bareObservationsPerSecond: Spread;
  /** Of every run to the ceiling that was measured right behind it. */
  readonly ratioToCopy: Spread | undefined;
  readonly ratioToBare: Spread;
  /** Of a body as it is sent, so after compression. */
  readonly sentBytesPerObservation: number;
  /** Medians. Ten times as much is CPU-seconds per 100,000 observations. */
  readonly cpuUsPerObservation: Partial<Record<ProcessName, number>>;
  readonly peakBytes: Partial<Record<ProcessName, number>>;
  readonly storedBytesPerObservation: Storage;
  readonly acknowledgedObservations: number;
  readonly storedObservations: number;
  readonly deepestBacklog: number;
  readonly refusedRequests: number;
};

export function summarizeCase({ name, bytesPerObservation, runs }: CaseResult): CaseSummary {
  const copied = runs.flatMap(({ copy, observationsPerSecond }) => (copy ? [{ copy, observationsPerSecond }] : []));
  const overCopies = (figure: (run: (typeof copied)[number]) => number) =>
    copied.length > 0 ? spreadOf(copied.map(figure)) : undefined;
  const medianOf = (figure: (run: MeasuredRun) => number) => spreadOf(runs.map(figure)).median;
  const sumOf = (figure: (run: MeasuredRun) => number) => runs.reduce((sum, run) => sum + figure(run), 0);
  const processes = Object.keys(runs[0]?.cpuSeconds ?? {}) as ProcessName[];
  const ofEachProcess = (figure: (run: MeasuredRun, process: ProcessName) => number) =>
    Object.fromEntries(processes.map((process) => [process, medianOf((run) => figure(run, process))]));
  const storedBytes = (part: keyof Storage) => medianOf((run) => run.storage[part] / run.acknowledgedObservations);
  return {
    name,
    observationsPerSecond: spreadOf(runs.map((run) => run.observationsPerSecond)),
    copyRowsPerSecond: overCopies(({ copy }) => copy.chunked),
    copySingleStatementRowsPerSecond: overCopies(({ copy }) => copy.single),
    bareObservationsPerSecond: spreadOf(runs.map((run) => run.bareObservationsPerSecond)),
    ratioToCopy: overCopies((run) => run.observationsPerSecond / run.copy.chunked),
    ratioToBare: spreadOf(runs.map((run) => run.observationsPerSecond / run.bareObservationsPerSecond)),
    sentBytesPerObservation: bytesPerObservation,
    cpuUsPerObservation: ofEachProcess((run, process) => cpuUs(run, process)),
    peakBytes: ofEachProcess((run, process) => run.peakBytes[process] ?? 0),
    storedBytesPerObservation: {
      tables: storedBytes("tables"),
      toast: storedBytes("toast"),
      indexes: storedBytes("indexes"),
      wal: storedBytes("wal"),
    },
    acknowledgedObservations: sumOf((run) => run.acknowledgedObservations),
    storedObservations: sumOf((run) => run.storedObservations),
    deepestBacklog: Math.max(...runs.map((run) => run.deepestBacklog)),
    refusedRequests: sumOf((run) => run.refused),
  };
}

function cpuUs({ cpuSeconds, acknowledgedObservations }: MeasuredRun, process: ProcessName): number {
  return ((cpuSeconds[process] ?? 0) * 1_000_000) / acknowledgedObservations;
}
