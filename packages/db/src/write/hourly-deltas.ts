import { startOfHour } from "../counts/hour.ts";
import type { Row } from "./recordset.ts";
import type { RowChange } from "./upsert-merged.ts";

export type WrittenChanges = {
  readonly traces: readonly RowChange[];
  readonly observations: readonly RowChange[];
  readonly scores: readonly RowChange[];
};

/** What is added to one row of `hourly_counts`. */
export type HourlyDelta = {
  readonly projectId: string;
  /** Start of the hour, Unix epoch microseconds. */
  readonly hour: number;
  traceCount: number;
  observationCount: number;
  scoreCount: number;
};

/** The property whose hour counts, and where it is counted. */
const KINDS = {
  traces: { time: "timestamp", count: "traceCount" },
  observations: { time: "startTime", count: "observationCount" },
  scores: { time: "timestamp", count: "scoreCount" },
} as const;

/** A new row adds one to its hour, one whose time moved leaves one hour for another. */
export function hourlyDeltas(changes: WrittenChanges): HourlyDelta[] {
  const deltas = new Map<string, HourlyDelta>();
  for (const kind of ["traces", "observations", "scores"] as const) {
    const { time, count } = KINDS[kind];
    for (const { before, after } of changes[kind]) {
      deltaOf(deltas, after, time)[count] += 1;
      if (before) deltaOf(deltas, before, time)[count] -= 1;
    }
  }
  return [...deltas.values()].filter(isChange);
}

function deltaOf(deltas: Map<string, HourlyDelta>, row: Row, time: string): HourlyDelta {
  const projectId = row["projectId"] as string;
  const hour = startOfHour(row[time] as number);
  const key = `${projectId}\u0000${hour}`;
  let delta = deltas.get(key);
  if (!delta) {
    delta = { projectId, hour, traceCount: 0, observationCount: 0, scoreCount: 0 };
    deltas.set(key, delta);
  }
  return delta;
}

function isChange({ traceCount, observationCount, scoreCount }: HourlyDelta): boolean {
  return traceCount !== 0 || observationCount !== 0 || scoreCount !== 0;
}
