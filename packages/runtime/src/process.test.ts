import { fileURLToPath } from "node:url";
import { spawnNode } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("../test/life.ts", import.meta.url));

async function start(mode: string) {
  const life = spawnNode(PROGRAM, { args: [mode] });
  await life.waitForLine(/^(starting|started)/);
  return life;
}

describe("a process", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("stops in order at %s, of which it is told", async (signal) => {
    await using life = await start("orderly");
    expect(await life.stop(signal)).toBe(0);
    expect(life.lines.slice(-2)).toEqual([`stopping at ${signal}`, "stopped"]);
  });

  test("finishes its start before it stops", async () => {
    await using life = await start("late");
    expect(await life.stop("SIGTERM")).toBe(0);
    expect(life.lines).toEqual(["starting", "started", "stopping at SIGTERM", "stopped"]);
  });

  test("ends, as it was asked to, when its start waits for something that does not come", async () => {
    await using life = await start("never");
    expect(await life.stop("SIGTERM")).toBe(0);
    expect(life.lines).toEqual(["starting"]);
  });

  test("ends at once at the second signal", async () => {
    await using life = await start("endless");
    process.kill(life.pid, "SIGTERM");
    await life.waitForLine(/^stopping/);
    expect(await life.stop("SIGTERM")).toBe(1);
  });
});
