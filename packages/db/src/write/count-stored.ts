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
  const named = new Set(
    jobs.flatMap(({ projectId, events }) => events.traces.map(({ id }) => traceKey(projectId, id))),
  );
  const newTraces = written.traces.filter(
    ({ before, after }) => before === null && named.has(traceKey(after["projectId"] as string, after["id"] as string)),
  ).length;
  const stored = newTraces + written.others.filter(({ before }) => before === null).length + written.newPoints;
  const events = jobs.reduce((sum, job) => sum + countEvents(job.events), 0);
  return { stored, merged: events - stored, deadLettered: 0 };
}
