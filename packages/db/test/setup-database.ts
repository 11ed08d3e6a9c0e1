import { createTestDatabase } from "@xtrace/testkit";
import { openDatabase, type Database } from "../src/client.ts";
import { migrateDatabase } from "../src/migrate.ts";

export type TestDatabase = AsyncDisposable & { readonly url: string; readonly db: Database };

/** A migrated database of its own, dropped when disposed of. */
export async function setupDatabase(): Promise<TestDatabase> {
  const server = await createTestDatabase({ migrate: migrateDatabase });
  const database = openDatabase({ url: server.url, poolSize: 4, applicationName: "test", statementTimeoutMs: 20_000 });
  return {
    url: server.url,
    db: database.db,
    async [Symbol.asyncDispose]() {
      await database.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
