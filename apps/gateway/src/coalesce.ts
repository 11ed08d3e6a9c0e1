import { countEvents, type CanonicalEvents, type IngestJob } from "@xtrace/contract";
import { QueueUnavailableError } from "@xtrace/queue";

/** Resolves when the queue has the job. */
export type AddJob = (job: IngestJob) => Promise<void>;

export type CoalesceOptions = {
  readonly add: AddJob;
  /** How long a job may take from here to the queue; then it is refused with QueueUnavailableError. */
  readonly deadlineMs: number;
  /** Jobs on their way to the queue at a time. */
  readonly maxInFlight: number;
  /** Bounds of what is put together. A job beyond them goes alone. */
  readonly maxEvents: number;
  readonly maxBytes: number;
};

type Parcel = {
  readonly job: IngestJob;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
};

/**
 * Puts the jobs of one project that have to wait for the queue together into one.
 *
 * A job costs Redis, the gateway and the worker nearly the same however many events it carries. Nothing
 * waits in order to be put together: while fewer than `maxInFlight` jobs are on their way, a job leaves
 * with this turn of the event loop, so an idle gateway answers as fast as before and a busy one sends fewer, larger jobs.
 *
 * When the queue refuses a job, what waits behind it is refused with it: the same server would let it
 * wait for another deadline, and its client for longer than promised. Behind jobs that the queue takes slowly, such as while a
 * slot of a cluster moves, a job waits for its own deadline. One that is refused on its way may be stored all the same.
 */
export function createCoalescer(options: CoalesceOptions): AddJob {
  const { add, deadlineMs, maxInFlight, maxEvents, maxBytes } = options;
  /** Oldest project first, so that none is kept waiting by a busier one. */
  const waiting = new Map<string, Parcel[]>();
  let inFlight = 0;
  let isPumpDue = false;

  function takeNext(): Parcel[] | undefined {
    const [projectId, parcels] = waiting.entries().next().value ?? [];
    if (projectId === undefined || !parcels) return undefined;
    waiting.delete(projectId);
    const count = countFitting(parcels, maxEvents, maxBytes);
    if (count < parcels.length) waiting.set(projectId, parcels.slice(count));
    return parcels.slice(0, count);
  }

  async function send(parcels: readonly Parcel[]): Promise<void> {
    inFlight += 1;
    try {
      await add(mergeJobs(parcels.map(({ job }) => job)));
      for (const { resolve } of parcels) resolve();
    } catch (error) {
      const refused = [...parcels, ...[...waiting.values()].flat()];
      waiting.clear();
      for (const { reject } of refused) reject(error);
    }
    inFlight -= 1;
    pumpSoon();
  }

  function pump(): void {
    while (inFlight < maxInFlight) {
      const next = takeNext();
      if (!next) return;
      void send(next);
    }
  }

  /** After what arrived in the same turn of the event loop, which is what a busy gateway has many of. */
  function pumpSoon(): void {
    if (isPumpDue) return;
    isPumpDue = true;
    setImmediate(() => {
      isPumpDue = false;
      pump();
    });
  }

  function refuseLate(parcel: Parcel): void {
    const { projectId } = parcel.job;
    const left = waiting.get(projectId)?.filter((other) => other !== parcel) ?? [];
    if (left.length > 0) waiting.set(projectId, left);
    else waiting.delete(projectId);
    parcel.reject(new QueueUnavailableError(`The queue did not take the job within ${deadlineMs} ms`));
  }

  return async (job) => {
    let late: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const parcel = { job, resolve, reject };
        const line = waiting.get(job.projectId);
        if (line) line.push(parcel);
        else waiting.set(job.projectId, [parcel]);
        late = setTimeout(refuseLate, deadlineMs, parcel);
        pumpSoon();
      });
    } finally {
      clearTimeout(late);
    }
  };
}

/** How many of the first parcels fit into one job; at least one. */
function countFitting(parcels: readonly Parcel[], maxEvents: number, maxBytes: number): number {
  let events = 0;
  let bytes = 0;
  for (const [index, { job }] of parcels.entries()) {
    events += countEvents(job.events);
    bytes += job.bytes ?? 0;
    if (index > 0 && (events > maxEvents || bytes > maxBytes)) return index;
  }
  return parcels.length;
}

/** One job of what several carry. It was received when its oldest part was. */
function mergeJobs(jobs: readonly IngestJob[]): IngestJob {
  const [first, ...others] = jobs as [IngestJob, ...IngestJob[]];
  if (others.length === 0) return first;
  const all = jobs.map(({ events }) => events);
  const concat = <K extends keyof CanonicalEvents>(kind: K) =>
    all.flatMap((events): CanonicalEvents[K][number][] => events[kind]);
  return {
    ...first,
    receivedAtUs: Math.min(...jobs.map(({ receivedAtUs }) => receivedAtUs)),
    bytes: jobs.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    events: {
      traces: concat("traces"),
      observations: concat("observations"),
      scores: concat("scores"),
      metrics: concat("metrics"),
    },
  };
}
