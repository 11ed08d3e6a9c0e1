import type { GrowingResult } from "./growing-traces.ts";
import type { HalfLoadResult, Percentiles } from "./half-load.ts";
import type { IdleResult } from "./idle.ts";
import type { CaseSummary } from "./summarize-case.ts";
import type { ProcessName } from "./system/bench-system.ts";
import { textTable } from "./text-table.ts";

/** What was measured of what there is to measure; the rest was not asked for. */
export type Findings = {
  readonly throughput: readonly CaseSummary[];
  readonly idle?: IdleResult;
  readonly halfLoad?: HalfLoadResult;
  readonly growing?: GrowingResult;
  readonly redisBytesPerQueuedObservation?: number;
  /** Rates with that many observations stored already, over those of empty tables. */
  readonly preloaded?: { readonly observations: number; readonly ratioToEmpty: number };
};

const PROCESSES = ["gateway", "worker", "query", "redis", "postgres", "standalone"] as const satisfies ProcessName[];
const MIB = 1024 * 1024;

export function printFindings({ throughput, idle, halfLoad, growing, ...rest }: Findings): string {
  const parts = [throughput.length > 0 && throughputTable(throughput), throughput.length > 0 && bytesTable(throughput)];
  if (idle) parts.push(idleTable(idle));
  if (halfLoad) parts.push(latencyTable(halfLoad));
  if (growing) parts.push(growingTable(growing));
  if (rest.redisBytesPerQueuedObservation !== undefined)
    parts.push(`Redis: ${round(rest.redisBytesPerQueuedObservation)} bytes a waiting observation\n`);
  if (rest.preloaded)
    parts.push(
      `With ${rest.preloaded.observations} stored: ${rest.preloaded.ratioToEmpty.toFixed(2)} × the rate of empty tables\n`,
    );
  return parts.filter((part) => part !== false).join("\n");
}

function throughputTable(summaries: readonly CaseSummary[]): string {
  const head = [
    "case",
    "obs/s",
    "min–max",
    "COPY/s",
    "× COPY",
    "parse only/s",
    "× parse",
    "CPU µs/obs",
    ...PROCESSES,
    "backlog",
  ];
  const rows = summaries.map((summary) => {
    const { observationsPerSecond: rate, cpuUsPerObservation: cpu } = summary;
    return [
      summary.name,
      round(rate.median),
      `${round(rate.min)}–${round(rate.max)}`,
      summary.copyRowsPerSecond ? round(summary.copyRowsPerSecond.median) : "",
      summary.ratioToCopy?.median.toFixed(2) ?? "",
      round(summary.bareObservationsPerSecond.median),
      summary.ratioToBare.median.toFixed(2),
      round(Object.values(cpu).reduce((sum, value) => sum + value, 0)),
      ...PROCESSES.map((name) => (cpu[name] === undefined ? "" : round(cpu[name]))),
      String(summary.deepestBacklog),
    ];
  });
  return textTable([head, ...rows]);
}

function bytesTable(summaries: readonly CaseSummary[]): string {
  const head = [
    "case",
    "sent B/obs",
    "tables",
    "toast",
    "indexes",
    "stored ×",
    "WAL B/obs",
    ...PROCESSES.map((name) => `${name} MiB`),
  ];
  const rows = summaries.map(
    ({ name, sentBytesPerObservation: sent, storedBytesPerObservation: stored, peakBytes }) => [
      name,
      round(sent),
      round(stored.tables),
      round(stored.toast),
      round(stored.indexes),
      ((stored.tables + stored.toast + stored.indexes) / sent).toFixed(2),
      round(stored.wal),
      ...PROCESSES.map((process) => mib(peakBytes[process])),
    ],
  );
  return textTable([head, ...rows]);
}

function idleTable({ watchedSeconds, memoryBytes, cpuPercent, machineCpuPercent }: IdleResult): string {
  const sum = (values: Partial<Record<ProcessName, number>>) =>
    Object.values(values).reduce((all, one) => all + one, 0);
  const ofEach = (values: Partial<Record<ProcessName, number>>, show: (value: number) => string) =>
    PROCESSES.map((name) => (values[name] === undefined ? "" : show(values[name])));
  return textTable([
    [`idle for ${watchedSeconds} s`, "all", ...PROCESSES],
    ["MiB", mib(sum(memoryBytes)), ...ofEach(memoryBytes, mib)],
    ["CPU, % of one core", sum(cpuPercent).toFixed(2), ...ofEach(cpuPercent, (value) => value.toFixed(2))],
    ["CPU, % of the machine", machineCpuPercent.toFixed(2), ...PROCESSES.map(() => "")],
  ]);
}

function latencyTable({ observationsPerSecond, acknowledgement, readable }: HalfLoadResult): string {
  const row = (name: string, { p50, p95, p99, count }: Percentiles) => [
    name,
    ...[p50, p95, p99].map((value) => value.toFixed(1)),
    String(count),
  ];
  return textTable([
    [`at ${round(observationsPerSecond)} obs/s, ms`, "p50", "p95", "p99", "samples"],
    row("due → acknowledged", acknowledgement),
    row("acknowledged → readable", readable),
  ]);
}

function growingTable({ traces, observationsPerTrace, tenths, growth }: GrowingResult): string {
  return textTable([
    [
      `${traces} traces to ${observationsPerTrace}, tenth`,
      ...tenths.map((_, index) => String(index + 1)),
      "last × first",
    ],
    ["CPU µs/obs", ...tenths.map(({ cpuUs }) => round(cpuUs)), growth.toFixed(2)],
    ["obs/s", ...tenths.map(({ observationsPerSecond }) => round(observationsPerSecond)), ""],
  ]);
}

function round(value: number): string {
  return String(Math.round(value));
}

function mib(bytes: number | undefined): string {
  return bytes === undefined ? "" : round(bytes / MIB);
}
