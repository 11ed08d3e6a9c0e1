import type { CaseResult } from "./run-case.ts";
import { spreadOf, type Spread } from "./measure/quantile.ts";
import type { ProcessName } from "./system/bench-system.ts";

export type CaseSummary = {
  readonly name: string;
  readonly observationsPerSecond: Spread;
  readonly copyRowsPerSecond: Spread;
  readonly copySingleStatementRowsPerSecond: Spread;
  /** Of every run with the ceiling measured right behind it. */
  readonly ratioToCopy: Spread;
  readonly bytesPerObservation: number;
  /** Microseconds, medians; equal to CPU-seconds per million observations. */
  readonly cpuUsPerObservation: Partial<Record<ProcessName, number>>;
  readonly deepestBacklog: number;
  readonly refusedRequests: number;
};

export function summarizeCase({ name, bytesPerObservation, runs }: CaseResult): CaseSummary {
  const processes = Object.keys(runs[0]?.cpuSeconds ?? {}) as ProcessName[];
  const cpuOf = (process: ProcessName) =>
    runs.map((run) => ((run.cpuSeconds[process] ?? 0) * 1_000_000) / run.acknowledgedObservations);
  return {
    name,
    observationsPerSecond: spreadOf(runs.map((run) => run.observationsPerSecond)),
    copyRowsPerSecond: spreadOf(runs.map((run) => run.copy.chunked)),
    copySingleStatementRowsPerSecond: spreadOf(runs.map((run) => run.copy.single)),
    ratioToCopy: spreadOf(runs.map((run) => run.observationsPerSecond / run.copy.chunked)),
    bytesPerObservation,
    cpuUsPerObservation: Object.fromEntries(
      processes.map((process) => [process, spreadOf(cpuOf(process)).median]),
    ) as CaseSummary["cpuUsPerObservation"],
    deepestBacklog: Math.max(...runs.map((run) => run.deepestBacklog)),
    refusedRequests: runs.reduce((sum, run) => sum + run.refused, 0),
  };
}

const CPU_COLUMNS = ["gateway", "worker", "redis", "postgres"] as const;

export function throughputTable(summaries: readonly CaseSummary[]): string {
  const head = ["case", "obs/s", "min–max", "COPY rows/s", "ratio", "µs/obs", ...CPU_COLUMNS, "backlog"];
  const rows = summaries.map((summary) => {
    const { observationsPerSecond: rate, cpuUsPerObservation: cpu } = summary;
    return [
      summary.name,
      round(rate.median),
      `${round(rate.min)}–${round(rate.max)}`,
      round(summary.copyRowsPerSecond.median),
      summary.ratioToCopy.median.toFixed(2),
      round(Object.values(cpu).reduce((sum, value) => sum + value, 0)),
      ...CPU_COLUMNS.map((name) => round(cpu[name] ?? 0)),
      String(summary.deepestBacklog),
    ];
  });
  return textTable([head, ...rows]);
}

function round(value: number): string {
  return String(Math.round(value));
}

/** The first column to the left, figures to the right. */
function textTable(rows: ReadonlyArray<readonly string[]>): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ");
  return `${rows.map(line).join("\n")}\n`;
}
