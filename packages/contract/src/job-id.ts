/**
 * A queue job's id: unique for ever, and telling how many events the job carries, so that whoever sees
 * only ids can count. `origin` names the process that made it, `sequence` its how-manieth job it is.
 */
export function makeJobId(origin: string, sequence: number, events: number): string {
  return `${origin}-${sequence.toString(36)}-${events}`;
}

/** `undefined` for an id that was made otherwise: such a job is in no count. */
export function eventsOfJobId(id: string): number | undefined {
  const digits = COUNTED.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const COUNTED = /-(\d{1,9})$/;
