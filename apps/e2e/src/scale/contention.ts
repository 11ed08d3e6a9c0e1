import postgres from "postgres";
import { startCluster } from "./cluster.ts";
import { ENCODINGS, write, type Generation } from "./mixed-writes.ts";
import { untilDrained } from "./stored.ts";

export type Sums = {
  readonly observations: number;
  readonly input: number;
  readonly output: number;
};

export type ContentionReport = {
  readonly acknowledged: Sums;
  /** What the same should be: the rows, the traces' totals, the daily rollup. */
  readonly stored: { readonly rows: Sums; readonly traces: Sums; readonly daily: Sums };
  /** Acknowledged and not there exactly once. */
  readonly wrong: readonly string[];
  readonly deadlocks: number;
  readonly failedJobs: number;
  readonly retries: readonly string[];
};

const TRACES = 8;
const ROUNDS = 30;
const PER_REQUEST = 6;

/**
 * Four gateways and four workers over one Redis and one PostgreSQL: clients of all protocols write to
 * the same few traces through every gateway at once, in no order. Each generation is written twice,
 * through two gateways.
 */
export async function contend(): Promise<ContentionReport> {
  // Small batches, so that all workers have some at the same time.
  await using cluster = await startCluster({ gateways: 4, workers: 4, queries: 0, env: { BATCH_MAX_ITEMS: "5" } });
  const acknowledged: Generation[] = [];
  let serial = 0;
  const nextGeneration = (): Generation => {
    serial += 1;
    // Steps over the traces by another number each time, so that no two requests name them in one order.
    const trace = (serial * (1 + (serial % 7))) % TRACES;
    const [id, traceId] = [serial.toString(16).padStart(16, "0"), (0xc0 + trace).toString(16).padStart(32, "0")];
    return { id, traceId, input: serial % 10, output: serial % 3 };
  };
  async function client(index: number): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const generations = Array.from({ length: PER_REQUEST }, nextGeneration);
      const encode = ENCODINGS[(index + round) % ENCODINGS.length] ?? (() => ({ path: "", body: {} }));
      const { path, body } = encode(generations);
      const urls = [index, index + 1].map((each) => cluster.gateways[each % cluster.gateways.length]?.url ?? "");
      await Promise.all(urls.map((url) => write(url, path, body)));
      acknowledged.push(...generations);
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, index) => client(index)));
  await untilDrained(cluster.probes);

  const sql = postgres(cluster.databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const sumsOf = async (table: string) => {
      const count = table === "observations" ? sql`count(*)` : sql`sum(observation_count)`;
      const [row] = await sql<[Sums]>`
        SELECT ${count}::int AS observations, sum(prompt_tokens)::int AS input, sum(completion_tokens)::int AS output
        FROM ${sql(table)}`;
      return { ...row };
    };
    const ids = JSON.stringify(acknowledged.map(({ id }) => id));
    const wrong = await sql<Array<{ id: string }>>`
      SELECT w.id FROM json_array_elements_text(${ids}::text::json) AS w(id)
      LEFT JOIN observations o ON o.id = w.id GROUP BY w.id HAVING count(o.id) <> 1`;
    return {
      acknowledged: {
        observations: acknowledged.length,
        input: acknowledged.reduce((sum, { input }) => sum + input, 0),
        output: acknowledged.reduce((sum, { output }) => sum + output, 0),
      },
      stored: {
        rows: await sumsOf("observations"),
        traces: await sumsOf("traces"),
        daily: await sumsOf("daily_usage"),
      },
      wrong: wrong.map(({ id }) => id),
      deadlocks: await deadlocksIn(sql),
      failedJobs: (await cluster.probes.queueCounts()).failed,
      retries: cluster.logs().filter((line) => line.includes("batch will be tried again")),
    };
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Since the database was made. A backend reports its own when it is idle, at the latest a second later. */
async function deadlocksIn(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<[{ deadlocks: number }]>`
    SELECT deadlocks::int AS deadlocks FROM pg_stat_database WHERE datname = current_database()`;
  return row.deadlocks;
}
