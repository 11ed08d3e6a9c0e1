import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { connectionOf } from "./connection-url.ts";

/** The same depth from src/ and dist/. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../../drizzle", import.meta.url));

/** Any number, but everybody's the same. */
const MIGRATION_LOCK = 8_742_001;

/** A migration sends one statement after the other. Whoever is silent for so long between two is gone, and holds the others up. */
const SILENCE_MS = 30_000;

/**
 * Brings the schema up to date, in one transaction. Safe to run from many processes at once: one
 * migrates under an advisory lock while the others wait for it and then find nothing to do.
 *
 * Drizzle's own migrator takes no lock and reads the last migration outside its transaction. The lock is
 * the transaction's, not the session's: behind a pooler a session's would stay with the server's connection.
 */
export async function migrateDatabase(url: string, { silenceMs = SILENCE_MS } = {}): Promise<void> {
  const connection = connectionOf(url);
  const client = postgres(connection.url, {
    max: 1,
    onnotice: () => {},
    prepare: !connection.isPooled,
    connection: { application_name: "xtrace-migrate" },
  });
  try {
    await client.begin(async (tx) => {
      await tx`select set_config('idle_in_transaction_session_timeout', ${String(silenceMs)}, true)`;
      await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
      // A migration must not wait behind a long query while everybody else waits behind the migration.
      await tx`set local lock_timeout = '5s'`;
      await migrate(drizzle(asClient(client, tx)), { migrationsFolder: MIGRATIONS_FOLDER });
    });
  } finally {
    await client.end({ timeout: 5 });
  }
}

/** The transaction as Drizzle's migrator takes it, which begins one of its own: a savepoint does. */
function asClient(client: postgres.Sql, tx: postgres.TransactionSql): postgres.Sql {
  const begin = async <T>(run: (inner: postgres.TransactionSql) => Promise<T>) => await tx.savepoint(run);
  return Object.assign(tx, { options: client.options, begin }) as unknown as postgres.Sql;
}
