import { hasRedisServer } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { headline } from "../../chaos/headline/headline.ts";
import { runScenario } from "../../chaos/scenarios/run-scenario.ts";

/** `pnpm chaos headline` kills for a minute and has more seeds; these kill each of the four processes. */
const SEEDS = [1, 4, 11];
const KILLING_MS = 16_000;
const TIMEOUT_MS = 240_000;

describe.skipIf(!hasRedisServer())("a system whose processes are killed at random", () => {
  test.each(SEEDS)(
    "stores all that it acknowledged, once and unaltered: seed %i",
    async (seed) => {
      const lines: string[] = [];
      const outcome = await runScenario(headline(seed, KILLING_MS), {
        full: false,
        build: "src",
        log: (line) => void lines.push(line),
      });
      expect(outcome.failures, lines.join("\n")).toEqual([]);
      expect(outcome.verdict.comparison.acknowledged).toBeGreaterThan(500);
    },
    TIMEOUT_MS,
  );
});
