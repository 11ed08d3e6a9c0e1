import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { describeWithRedis } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { benchOptions } from "../../bench/query/options.ts";
import { runQueryBench } from "../../bench/query/query-bench.ts";

const DATABASE = {
  postgresUrl: process.env["TEST_DATABASE_URL"],
  databasePrefix: `xtrace_bench_${randomBytes(4).toString("hex")}`,
};
const APP = fileURLToPath(new URL("../../../query/src/main.ts", import.meta.url));

test("asks every question of a small data set, and writes figures and plans down", async () => {
  const dir = await mkdtemp(join(tmpdir(), "xtrace-bench-test-"));
  const out = join(dir, "result.json");
  const lines: string[] = [];
  try {
    const options = {
      ...benchOptions(["--quick", "--out", out]),
      app: APP,
      ...DATABASE,
    };
    const { rows, scales } = await runQueryBench(options, (line) => lines.push(line));

    expect(rows.length).toBeGreaterThan(150);
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    for (const { name, p50, p95, p99 } of rows) {
      expect(p50, name).toBeGreaterThan(0);
      expect(p99, name).toBeGreaterThanOrEqual(p95);
      expect(lines.join("\n")).toContain(name);
    }
    const bytesOf = (name: string) => rows.find((row) => row.name === name)?.bytes ?? 0;
    expect(bytesOf("trace of 10,000 observations")).toBeGreaterThan(9.5 * bytesOf("trace of 1,000 observations"));
    expect(bytesOf("traces: rare user, common time")).toBeGreaterThan(1_000);
    for (const { name, plans } of scales[0]?.plans ?? []) expect(plans.join("\n"), name).toContain("Query Text");
    expect(JSON.parse(await readFile(out, "utf8"))).toMatchObject({
      samples: 2,
      rows: rows.map(({ name }) => ({ name })),
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 240_000);

test("an --only that no query has is named with the queries that there are, and nothing is filled", async () => {
  const options = { ...benchOptions(["--quick", "--only", "traces of nobody"]), app: APP, ...DATABASE };
  const lines: string[] = [];
  await expect(runQueryBench(options, (line) => lines.push(line))).rejects.toThrow(
    /^--only: no query's name contains "traces of nobody"; there are\n[^]*\n {2}trace of 10,000 observations\n/,
  );
  expect(lines).toEqual([]);
});

describeWithRedis("while observations are written", () => {
  test("asks the same once more", async () => {
    const dir = await mkdtemp(join(tmpdir(), "xtrace-bench-test-"));
    try {
      const options = {
        ...benchOptions(["--quick", "--while-ingesting", "--no-plans", "--only", "sessions: page 1"]),
        ...DATABASE,
        databasePrefix: `${DATABASE.databasePrefix}_w`,
        app: APP,
        out: join(dir, "result.json"),
        writing: { saturatingObservations: 500, fromSources: true },
      };
      const { rows, whileIngesting } = await runQueryBench(options, () => {});

      expect(whileIngesting?.observationsPerSecond).toBeGreaterThan(0);
      expect(rows.map(({ name }) => name)).toEqual(["sessions: page 1", "sessions: page 1,500 of 3,300"]);
      for (const { writing } of rows) expect(writing?.p50).toBeGreaterThan(0);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }, 240_000);
});
