import { countEvents, noEvents, type CanonicalEvents, type IngestJob } from "@xtrace/contract";

/** One half each of a job's events; `undefined` when there is but one event left. */
export function splitJob(job: IngestJob): [IngestJob, IngestJob] | undefined {
  const total = countEvents(job.events);
  if (total < 2) return undefined;
  const middle = Math.floor(total / 2);
  return [
    { ...job, events: slice(job.events, 0, middle) },
    { ...job, events: slice(job.events, middle, total) },
  ];
}

/** Events `from` to `to` of all kinds, counted through in one row. */
function slice(events: CanonicalEvents, from: number, to: number): CanonicalEvents {
  const part: Record<string, unknown> = noEvents();
  let offset = 0;
  for (const [kind, list] of Object.entries(events)) {
    part[kind] = list.slice(Math.max(0, from - offset), Math.max(0, to - offset));
    offset += list.length;
  }
  return part as CanonicalEvents;
}
