import { testRedisUrl } from "@xtrace/testkit";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { startRedisSystem } from "../../src/redis-system.ts";
import { startStandaloneSystem } from "../../src/standalone-system.ts";
import type { TestSystem } from "../../src/test-system.ts";
import { createReadBack, summarize, VISIBLE_WITHIN_MS, type ReadBack } from "./read-back.ts";

const BOOT_TIMEOUT_MS = 120_000;

/** What the tests of a `describeEachSystem` are given; `system` may be asked from within tests and hooks only. */
export type SystemUnderTest = { system(): TestSystem; readonly soon: ReadBack["soon"] };

/**
 * The same tests against the three processes over Redis, and against everything in one process over
 * PostgreSQL. Each system starts once, with `env` added to its own; without a Redis the first one counts as skipped.
 *
 * Whatever the tests did, a system ends with its processes alive and with nothing that the store refused.
 */
export function describeEachSystem(name: string, define: (under: SystemUnderTest) => void, env: Env = {}): void {
  describeSystem(name, OVER_REDIS, define, env);
  describeSystem(name, STANDALONE, define, env);
}

/** The same with one of them, the quicker to start: for clients whose requests are like those of others. */
export function describeStandalone(name: string, define: (under: SystemUnderTest) => void): void {
  describeSystem(name, STANDALONE, define, {});
}

type Env = Readonly<Record<string, string>>;
type Kind = {
  readonly title: string;
  readonly isPossible: boolean;
  readonly start: (env: Env) => Promise<TestSystem>;
};

const OVER_REDIS: Kind = {
  title: "three processes over Redis",
  isPossible: testRedisUrl() !== undefined,
  start: startRedisSystem,
};
const STANDALONE: Kind = { title: "standalone over PostgreSQL", isPossible: true, start: startStandaloneSystem };

function describeSystem(
  name: string,
  { title, isPossible, start }: Kind,
  define: (under: SystemUnderTest) => void,
  env: Env,
): void {
  describe.skipIf(!isPossible)(`${name}: ${title}`, () => {
    const { soon, samplesMs } = createReadBack();
    let running: TestSystem | undefined;
    beforeAll(async () => {
      running = await start(env);
    }, BOOT_TIMEOUT_MS);
    afterAll(async () => {
      if (!running) return;
      try {
        await expectHealthy(running);
        expectReadable(`${name}, ${title}`, samplesMs);
      } finally {
        await running.stop();
      }
    }, BOOT_TIMEOUT_MS);

    define({
      soon,
      system() {
        if (!running) throw new Error("the system has not started");
        return running;
      },
    });
  });
}

async function expectHealthy(system: TestSystem): Promise<void> {
  expect(system.deadProcesses()).toEqual([]);
  expect(await system.deadLetters()).toEqual([]);
  expect((await system.queueCounts()).failed).toBe(0);
}

function expectReadable(name: string, samplesMs: readonly number[]): void {
  const summary = summarize(samplesMs);
  if (!summary) return;
  console.log(`read-after-write, ${name}: p50 ${summary.p50Ms} ms, max ${summary.maxMs} ms of ${summary.count}`);
  expect(summary.maxMs).toBeLessThan(VISIBLE_WITHIN_MS);
}
