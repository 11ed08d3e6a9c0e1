import type { Check } from "@xtrace/runtime";

export type Progress = {
  /**
   * A batch was stored, or could not be for a fault outside of this process: the database refused it and it is
   * tried again, or the queue's server gives nothing out. A restart would mend neither, so both count as life.
   */
  made(): void;
  /**
   * Rejects when jobs wait and nothing was made for `stuckAfterMs`: a consumer that lost its connection for
   * good, or whose batch hangs, looks healthy otherwise. A queue that cannot be asked is no reason to restart.
   */
  readonly check: Check;
};

export function createProgress(options: {
  readonly backlog: () => Promise<{ readonly waiting: number }>;
  readonly stuckAfterMs: number;
}): Progress {
  let wasMade = false;
  let waitingSince: number | undefined;

  /** How many jobs wait though nothing was made since the last check; none when that is unknown. */
  async function neglected(): Promise<number> {
    const idle = !wasMade;
    wasMade = false;
    if (!idle) return 0;
    try {
      return (await options.backlog()).waiting;
    } catch {
      return 0;
    }
  }

  return {
    made() {
      wasMade = true;
      waitingSince = undefined;
    },
    async check() {
      const waiting = await neglected();
      if (waiting === 0) {
        waitingSince = undefined;
        return;
      }
      // From the first check that saw them: a job that came just now is not neglected yet.
      waitingSince ??= Date.now();
      if (Date.now() - waitingSince < options.stuckAfterMs) return;
      throw new Error(`${waiting} jobs wait and nothing was done for ${options.stuckAfterMs} ms`);
    },
  };
}
