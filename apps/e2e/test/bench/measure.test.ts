// oxlint-disable-next-line no-restricted-imports -- it runs what measures are taken of.
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { parseStat, readTree } from "../../bench/ingest/measure/proc.ts";
import { quantile } from "../../bench/ingest/measure/quantile.ts";

test("a quantile is one of the values", () => {
  const values = [40, 10, 30, 20];
  expect([0, 0.25, 0.26, 0.5, 0.95, 1].map((q) => quantile(values, q))).toEqual([10, 10, 20, 20, 40, 40]);
  expect(() => quantile([], 0.5)).toThrow(RangeError);
});

test("reads the times of a process whose name holds parentheses and spaces", () => {
  const line = "77 (a) (b c) S 12 77 77 0 -1 4194560 100 0 0 0 150 50 30 20 20 0 1 0 5000 1000 200";
  expect(parseStat(line)).toEqual({
    pid: 77,
    parentPid: 12,
    command: "a) (b c",
    cpuSeconds: 2,
    endedChildrenCpuSeconds: 0.5,
  });
});

test("the CPU of a child that has ended is its parent's", async () => {
  const endedCpu = async () => (await readTree(process.pid))[0]?.endedChildrenCpuSeconds ?? Number.NaN;
  const before = await endedCpu();
  const busy = "const end = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < end);";
  spawnSync(process.execPath, ["-e", busy]);
  expect((await endedCpu()) - before).toBeGreaterThanOrEqual(0.25);
});
