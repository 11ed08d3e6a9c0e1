import { eventually } from "@xtrace/testkit";
import postgres from "postgres";
import { startCluster } from "./cluster.ts";
import { write } from "./mixed-writes.ts";
import { untilDrained } from "./stored.ts";

export type DeadlockReport = {
  /** The worker's own words about it. */
  readonly retries: readonly string[];
  readonly names: readonly string[];
  readonly failedJobs: number;
};

/** Time for us to close the circle after the worker has begun to wait; whoever waits this long is the victim. */
const WORKER_DEADLOCK_TIMEOUT = "3s";

/** A session that takes the locks of two traces in the wrong order makes a worker's batch the victim of a deadlock. */
export async function forceDeadlock(): Promise<DeadlockReport> {
  await using cluster = await startCluster({ gateways: 1, workers: 1, queries: 0 });
  const [gatewayUrl, workerLines] = [cluster.gateways[0]?.url ?? "", () => cluster.workers[0]?.lines() ?? []];
  const writeBoth = (name: string) =>
    write(gatewayUrl, "/api/public/ingestion", {
      batch: ["a", "b"].map((id) => {
        const timestamp = new Date().toISOString();
        return { id: `${name}-${id}`, type: "trace-create", timestamp, body: { id, name } };
      }),
    });
  await writeBoth("before");
  await untilDrained(cluster.probes);

  const sql = postgres(cluster.databaseUrl, { max: 2, onnotice: () => {} });
  try {
    const [{ name }] = await sql<[{ name: string }]>`SELECT current_database() AS name`;
    await sql`ALTER DATABASE ${sql(name)} SET deadlock_timeout = ${sql.unsafe(`'${WORKER_DEADLOCK_TIMEOUT}'`)}`;
    // Sessions take the setting when they begin.
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'xtrace-worker' AND datname = ${name}`;
    await sql.begin(async (tx) => {
      await tx`SET LOCAL deadlock_timeout = '60s'`;
      await tx`SELECT 1 FROM traces WHERE id = 'b' FOR UPDATE`;
      await writeBoth("after");
      await eventually(async () => {
        const waiting = await sql`
          SELECT 1 FROM pg_stat_activity WHERE datname = ${name} AND wait_event_type = 'Lock'`;
        if (waiting.length === 0) throw new Error("the worker does not wait for b");
      });
      // Waits until the worker has lost.
      await tx`SELECT 1 FROM traces WHERE id = 'a' FOR UPDATE`;
    });
    await untilDrained(cluster.probes);
    const rows = await sql<Array<{ name: string }>>`SELECT name FROM traces ORDER BY id`;
    return {
      retries: workerLines().filter((line) => line.includes("batch will be tried again")),
      names: rows.map((row) => row.name),
      failedJobs: (await cluster.probes.queueCounts()).failed,
    };
  } finally {
    await sql.end({ timeout: 5 });
  }
}
