import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeWithRedis, spawnNode } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { requireAllStored } from "../../bench/ingest/throughput.ts";

const MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

async function runBench(...args: readonly string[]) {
  await using bench = spawnNode(MAIN, { args: ["ingest", ...args] });
  const { code } = await bench.exited;
  return { code, lines: bench.lines };
}

test("a run that lost something does not count", () => {
  expect(() => requireAllStored({ acknowledged: 10, stored: 10 })).not.toThrow();
  expect(() => requireAllStored({ acknowledged: 10, stored: 9 })).toThrow("10 observations were acknowledged and 9");
  expect(() => requireAllStored({ acknowledged: 10, stored: 11 })).toThrow("does not count");
});

test("a case that does not exist is named, and nothing is started", async () => {
  const { code, lines } = await runBench("--only", "xtrace-10,xtrace-11");
  expect(code).toBe(2);
  expect(lines).toEqual([expect.stringContaining('--only: no case "xtrace-11"; there are idle, xtrace-10, ')]);
});

describeWithRedis("bodies of ten", () => {
  test("all that was acknowledged is stored, and stands beside its ceilings", async () => {
    const dir = await mkdtemp(join(tmpdir(), "xtrace-bench-test-"));
    try {
      const file = join(dir, "report.json");
      const postgres = ["--postgres-url", process.env["TEST_DATABASE_URL"] ?? ""];
      const size = ["--from-sources", "--quick", "--only", "idle,xtrace-10", "--observations", "1000"];
      const { code, lines } = await runBench(...size, ...postgres, "--json", file);
      expect(code, lines.join("\n")).toBe(0);
      const report = JSON.parse(await readFile(file, "utf8"));
      expect(report.throughput).toHaveLength(1);
      const [summary] = report.throughput;
      expect(summary).toMatchObject({ name: "xtrace-10", acknowledgedObservations: 1_000, storedObservations: 1_000 });
      expect(summary.ratioToCopy.median).toBeGreaterThan(0);
      expect(summary.ratioToBare.median).toBeGreaterThan(0);
      expect(summary.cpuUsPerObservation.gateway).toBeGreaterThan(0);
      expect(summary.cpuUsPerObservation.worker).toBeGreaterThan(0);
      expect(summary.storedBytesPerObservation.tables).toBeGreaterThan(0);
      const processes = { gateway: expect.any(Number), worker: expect.any(Number), query: expect.any(Number) };
      expect(report.idle).toMatchObject({ memoryBytes: processes, cpuPercent: processes });
      expect(report.idle.machineCpuPercent).toBeGreaterThan(0);
      expect(JSON.stringify(report)).not.toContain("postgres://");
      expect(lines.join("\n")).toMatch(/xtrace-10 +\d+/);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }, 240_000);
});
