import { setTimeout as sleep } from "node:timers/promises";
import { SUCCESS, type Scenario } from "../scenarios/scenario.ts";
import type { ChaosSystem } from "../system/chaos-system.ts";
import type { Supervised } from "../system/supervise.ts";
import { killSchedule, type Kill } from "./schedule.ts";

const FULL_MS = 60_000;

/**
 * kill -9 of gateway, workers, Redis and PostgreSQL at random for `durationMs` (a minute), under load.
 * Two workers, so that one takes over what the other had in hand.
 */
export function headline(seed: number, durationMs = FULL_MS): Scenario {
  const kills = killSchedule(seed, durationMs);
  return {
    id: `headline ${seed}`,
    title: `kill -9 of anything every 2-5 s for ${durationMs / 1_000} s: ${summary(kills)}`,
    expected: { answers: [...SUCCESS, "503", "reset"], sees: [], recoveryMs: 60_000 },
    system: { gateways: 1, workers: 2 },
    seed,
    async run({ system, note, expect, recovered }) {
      const startedAt = performance.now();
      let missed = 0;
      for (const kill of kills) {
        await sleep(Math.max(0, startedAt + kill.atMs - performance.now()));
        const target = targetOf(system, kill);
        note(`kill -9 ${target.name}`);
        // It may be down from the last one.
        if (!(await target.kill())) missed += 1;
      }
      await sleep(Math.max(0, startedAt + durationMs - performance.now()));
      expect(missed < kills.length / 2, `${missed} of ${kills.length} kills met nothing`);
      await recovered();
    },
  };
}

function targetOf({ gateways, workers, redis, postgres }: ChaosSystem, { component, index }: Kill): Supervised {
  const of = (all: readonly Supervised[]) => all[index % all.length] as Supervised;
  switch (component) {
    case "gateway":
      return of(gateways);
    case "worker":
      return of(workers);
    case "redis":
      return redis;
    case "postgres":
      return postgres;
  }
}

function summary(kills: readonly Kill[]): string {
  const counts = new Map<string, number>();
  for (const { component } of kills) counts.set(component, (counts.get(component) ?? 0) + 1);
  return [...counts].map(([component, count]) => `${component} ${count}`).join(", ");
}
