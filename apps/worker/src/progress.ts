import type { Check } from "@xtrace/runtime";

const STUCK_AFTER_MS = 60_000;

export type Progress = {
  /** A job was taken, or a batch was tried again: an outage of the database is no fault of this process. */
  made(): void;
  /** Rejects when jobs wait and nothing was made of them for a minute: a consumer that lost its connection for good looks healthy otherwise. */
  readonly check: Check;
};

export function createProgress(backlog: () => Promise<{ readonly waiting: number }>): Progress {
  let lastMadeAt = Date.now();
  return {
    made() {
      lastMadeAt = Date.now();
    },
    async check() {
      if (Date.now() - lastMadeAt < STUCK_AFTER_MS) return;
      const { waiting } = await backlog();
      if (waiting > 0) throw new Error(`${waiting} jobs wait and nothing was done for ${STUCK_AFTER_MS} ms`);
    },
  };
}
