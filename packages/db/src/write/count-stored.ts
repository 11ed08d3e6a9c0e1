import { countEvents, type IngestJob } from "@xtrace/contract";
import type { SettledCounts } from "../settlement/settle-jobs.ts";
import { traceKey } from "./trace-key.ts";
import type { RowChange } from "./upsert-merged.ts";

/**
 * What became of the events of `jobs`: one event of each new row stored it, all others merged into a row.
 * A trace that is there only because an observation named it was stored by no event.
 */
export function countStored(
  jobs: readonly IngestJob[],
  written: {
    readonly traces: readonly RowChange[];
    readonly others: readonly RowChange[];
    readonly newPoints: number;
  },
): SettledCounts {
  let events = 0;
  const named = new Set<string>();
  for (const job of jobs) {
    events += countEvents(job.events);
    for (const { id } of job.events.traces) named.add(traceKey(job.projectId, id));
  }
  let stored = countNew(written.others) + written.newPoints;
  for (const { before, after } of written.traces) {
    const key = traceKey(after["projectId"] as string, after["id"] as string);
    if (before === null && named.has(key)) stored++;
  }
  return { stored, merged: events - stored, deadLettered: 0 };
}

/** How many rows were not there before. */
export function countNew(changes: readonly RowChange[]): number {
  let count = 0;
  for (const { before } of changes) if (before === null) count++;
  return count;
}
