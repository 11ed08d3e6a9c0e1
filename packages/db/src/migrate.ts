import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";

/** The same depth from src/ and dist/. */
const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../../drizzle", import.meta.url));

/** Any number, but everybody's the same. */
const MIGRATION_LOCK = 8_742_001;

/**
 * Brings the schema up to date. Safe to run from many processes at once: one migrates under a
 * session advisory lock while the others wait for it and then find nothing to do.
 *
 * Drizzle's own migrator takes no lock and reads the last migration outside its transaction.
 */
export async function migrateDatabase(url: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: "xtrace-migrate" } });
  try {
    await client`select pg_advisory_lock(${MIGRATION_LOCK})`;
    // A migration must not wait behind a long query while everybody else waits behind the migration.
    await client`set lock_timeout = '5s'`;
    await migrate(drizzle(client), { migrationsFolder: MIGRATIONS_FOLDER });
  } finally {
    await client.end({ timeout: 5 });
  }
}
