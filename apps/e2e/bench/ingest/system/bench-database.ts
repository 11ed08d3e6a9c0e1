import { randomBytes } from "node:crypto";
import { migrateDatabase } from "@xtrace/db";
import postgres, { type Sql } from "postgres";

export type BenchDatabase = AsyncDisposable & {
  readonly url: string;
  /** A connection for looking from the side, not the system's. */
  readonly sql: Sql;
};

/** A migrated database of the bench's own on the server, dropped at the end. */
export async function createBenchDatabase(serverUrl: string): Promise<BenchDatabase> {
  const name = `xtrace_bench_${randomBytes(4).toString("hex")}`;
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const drop = async () => {
    await admin.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await admin.end();
  };
  try {
    await admin.unsafe(`CREATE DATABASE ${name}`);
    await migrateDatabase(url.href);
  } catch (error) {
    await drop();
    throw error;
  }
  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  return {
    url: url.href,
    sql,
    [Symbol.asyncDispose]: async () => {
      await sql.end({ timeout: 5 });
      await drop();
    },
  };
}
