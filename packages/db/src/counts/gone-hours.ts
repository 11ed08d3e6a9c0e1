import type { HourlyDelta } from "../write/hourly-deltas.ts";
import { startOfHour } from "./hour.ts";

/** Rows of one kind that left one hour. `timeUs` is any time of it, Unix epoch microseconds. */
export type GoneHour = {
  readonly count: "traceCount" | "observationCount" | "scoreCount";
  readonly timeUs: number;
  readonly rows: number;
};

/** What `hourly_counts` loses, one delta an hour. */
export function hoursOfGone(projectId: string, gone: readonly GoneHour[]): HourlyDelta[] {
  const deltas = new Map<number, HourlyDelta>();
  for (const { count, timeUs, rows } of gone) {
    const hour = startOfHour(timeUs);
    const delta = deltas.get(hour) ?? { projectId, hour, traceCount: 0, observationCount: 0, scoreCount: 0 };
    delta[count] -= rows;
    deltas.set(hour, delta);
  }
  return [...deltas.values()];
}
