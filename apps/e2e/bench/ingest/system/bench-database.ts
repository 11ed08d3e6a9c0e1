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
  const database = connectBenchDatabase(url.href);
  return {
    ...database,
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]();
      await drop();
    },
  };
}

/** A database that is there and stays. */
export function connectBenchDatabase(url: string): BenchDatabase {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  return { url, sql, [Symbol.asyncDispose]: () => sql.end({ timeout: 5 }) };
}
