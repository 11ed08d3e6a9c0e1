import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import type { Database } from "../src/client.ts";

/** Runs `read` and returns the plan of each statement that it sent, with what really happened. */
export async function explainStatements(url: string, read: (db: Database) => Promise<unknown>): Promise<string[]> {
  const client = postgres(url, { max: 1, onnotice: () => {}, connection: { TimeZone: "UTC" } });
  const sent: Array<{ statement: string; params: unknown[] }> = [];
  try {
    await read(drizzle(client, { logger: { logQuery: (statement, params) => sent.push({ statement, params }) } }));
    const plans: string[] = [];
    for (const { statement, params } of sent) {
      // Values as the driver takes them: they come from the same place as the statement that just ran.
      const rows = await client.unsafe(
        `explain (analyze, costs off, timing off, summary off) ${statement}`,
        params as never[],
      );
      plans.push(rows.map((row) => String(row["QUERY PLAN"])).join("\n"));
    }
    return plans;
  } finally {
    await client.end();
  }
}
