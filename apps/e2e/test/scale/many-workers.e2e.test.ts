import { describeWithRedis } from "@xtrace/testkit";
import postgres from "postgres";
import { describe, expect, test } from "vitest";
import { startCluster } from "../../src/scale/cluster.ts";
import { contend } from "../../src/scale/contention.ts";
import { forceDeadlock } from "../../src/scale/forced-deadlock.ts";

const TIMEOUT_MS = 240_000;
const isLinux = process.platform === "linux";

describeWithRedis("many processes over one Redis and one PostgreSQL", () => {
  describe.skipIf(!isLinux)("each at an address of its own", () => {
    test(
      "store everything exactly once, with exact totals and without a deadlock",
      async () => {
        const { acknowledged, stored, wrong, deadlocks, failedJobs, retries } = await contend();
        expect({ wrong, deadlocks, failedJobs, retries }).toEqual({
          wrong: [],
          deadlocks: 0,
          failedJobs: 0,
          retries: [],
        });
        expect(acknowledged.observations).toBe(1_440);
        expect(stored).toEqual({ rows: acknowledged, traces: acknowledged, daily: acknowledged });
      },
      TIMEOUT_MS,
    );

    test(
      "a batch that loses a deadlock is written again",
      async () => {
        const { retries, names, failedJobs } = await forceDeadlock();
        expect(retries.filter((line) => line.includes('"40P01"'))).not.toEqual([]);
        expect(names).toEqual(["after", "after"]);
        expect(failedJobs).toBe(0);
      },
      TIMEOUT_MS,
    );

    test(
      "five workers that find an empty database at once migrate it once",
      async () => {
        await using cluster = await startCluster({ gateways: 0, workers: 5, queries: 0, isEmpty: true });
        const sql = postgres(cluster.databaseUrl, { max: 1 });
        try {
          const [{ rows, versions }] = await sql<[{ rows: number; versions: number }]>`
            SELECT count(*)::int AS rows, count(DISTINCT hash)::int AS versions FROM drizzle.__drizzle_migrations`;
          expect(rows).toBeGreaterThan(0);
          expect(versions).toBe(rows);
        } finally {
          await sql.end({ timeout: 5 });
        }
        expect(cluster.logs().filter((line) => line.includes("cannot be migrated"))).toEqual([]);
        expect(cluster.logs().filter((line) => line.includes("worker started"))).toHaveLength(5);
      },
      TIMEOUT_MS,
    );
  });
});
