import { fileURLToPath } from "node:url";
import { spawnNode } from "@xtrace/testkit";
import { expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("../test/churn.ts", import.meta.url));

async function peakMiB(args: readonly string[]): Promise<number> {
  await using program = spawnNode(PROGRAM, { args });
  const line = await program.waitForLine(/^\d+$/, 60_000);
  expect((await program.exited).code).toBe(0);
  return Number(line);
}

test("the heap of a process stays smaller than V8 would let it grow", async () => {
  // 147 for 222 MiB.
  expect(await peakMiB(["process"])).toBeLessThan(0.85 * (await peakMiB([])));
});
