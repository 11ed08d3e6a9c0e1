import { startOfHour } from "../counts/hour.ts";
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
    const add = (row: RowChange["after"], sign: 1 | -1) => {
      const projectId = row["projectId"] as string;
      const hour = startOfHour(row[time] as number);
      const key = `${projectId}\u0000${hour}`;
      const delta = deltas.get(key) ?? { projectId, hour, traceCount: 0, observationCount: 0, scoreCount: 0 };
      delta[count] += sign;
      deltas.set(key, delta);
    };
    for (const { before, after } of changes[kind]) {
      add(after, 1);
      if (before) add(before, -1);
    }
  }
  return [...deltas.values()].filter(isChange);
}

function isChange({ traceCount, observationCount, scoreCount }: HourlyDelta): boolean {
  return traceCount !== 0 || observationCount !== 0 || scoreCount !== 0;
}
