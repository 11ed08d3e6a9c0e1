import type { Check } from "@xtrace/runtime";

const STUCK_AFTER_MS = 60_000;

export type Progress = {
  /** A job was taken. */
  taken(): void;
  /** Rejects when jobs wait and none was taken for a minute: a consumer that lost its connection for good looks healthy otherwise. */
  readonly check: Check;
};

export function createProgress(backlog: () => Promise<{ readonly waiting: number }>): Progress {
  let lastTakenAt = Date.now();
  return {
    taken() {
      lastTakenAt = Date.now();
    },
    async check() {
      if (Date.now() - lastTakenAt < STUCK_AFTER_MS) return;
      const { waiting } = await backlog();
      if (waiting > 0) throw new Error(`${waiting} jobs wait and none was taken for ${STUCK_AFTER_MS} ms`);
    },
  };
}
