import { pick, seededRandom } from "../../src/seeded-random.ts";

export const COMPONENTS = ["gateway", "worker", "redis", "postgres"] as const;
export type Component = (typeof COMPONENTS)[number];

export type Kill = {
  readonly atMs: number;
  readonly component: Component;
  /** Which of several. */ readonly index: number;
};

/** When what is killed: every 2 to 5 seconds something, the same for the same seed. */
export function killSchedule(seed: number, durationMs: number): Kill[] {
  const random = seededRandom(seed);
  const kills: Kill[] = [];
  for (let atMs = 0; ;) {
    atMs += 2_000 + random() * 3_000;
    if (atMs >= durationMs) return kills;
    kills.push({ atMs, component: pick(random, COMPONENTS), index: Math.floor(random() * 1_000) });
  }
}
