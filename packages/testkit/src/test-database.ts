import { createHash, randomBytes } from "node:crypto";
import postgres from "postgres";

export type TestDatabase = {
  readonly url: string;
  [Symbol.asyncDispose](): Promise<void>;
};

export type TestDatabaseOptions = {
  /** Applied once per run, to a template that each database is cloned from. Must close its connections. */
  readonly migrate?: ((url: string) => Promise<void>) | undefined;
  /** Tells templates apart whose `migrate` functions have the same text. */
  readonly templateKey?: string | undefined;
};

/** A database of one's own, dropped on dispose whoever is still connected. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const name = `${runPrefix()}${randomBytes(6).toString("hex")}`;
  await withAdmin(async (sql) => {
    const template = options.migrate ? await ensureTemplate(sql, options.migrate, options.templateKey) : "template1";
    // Several times as fast as the default where nothing is flushed: the copied pages are not logged.
    await sql`CREATE DATABASE ${sql(name)} TEMPLATE ${sql(template)} STRATEGY file_copy`;
  });
  return {
    url: urlOf(name),
    [Symbol.asyncDispose]: () =>
      withAdmin(async (sql) => {
        await sql`DROP DATABASE IF EXISTS ${sql(name)} WITH (FORCE)`;
      }),
  };
}

/** Drops all that tests of this run left on the server, templates included. */
export async function dropTestDatabases(): Promise<void> {
  await withAdmin(async (sql) => {
    const left = await sql<Array<{ datname: string }>>`
      SELECT datname FROM pg_database WHERE starts_with(datname, ${runPrefix()})`;
    for (const { datname } of left) await sql`DROP DATABASE IF EXISTS ${sql(datname)} WITH (FORCE)`;
  });
}

/** Under a lock, and renamed only when it is complete, so a killed process leaves no half template. */
async function ensureTemplate(
  sql: postgres.Sql,
  migrate: (url: string) => Promise<void>,
  templateKey = migrate.toString(),
): Promise<string> {
  const template = `${runPrefix()}t_${createHash("sha256").update(templateKey).digest("hex").slice(0, 12)}`;
  const unfinished = `${template}_new`;
  await sql`SELECT pg_advisory_lock(hashtextextended(${template}, 0))`;
  try {
    const found = await sql`SELECT 1 FROM pg_database WHERE datname = ${template}`;
    if (found.length > 0) return template;
    await sql`DROP DATABASE IF EXISTS ${sql(unfinished)} WITH (FORCE)`;
    await sql`CREATE DATABASE ${sql(unfinished)}`;
    await migrate(urlOf(unfinished));
    await sql`ALTER DATABASE ${sql(unfinished)} RENAME TO ${sql(template)}`;
    return template;
  } finally {
    await sql`SELECT pg_advisory_unlock(hashtextextended(${template}, 0))`;
  }
}

/** A new one per run: a server that outlives the run must not hand out yesterday's migrations. */
function runPrefix(): string {
  return `xtrace_test_${process.env["XTRACE_TEST_RUN"] ?? process.pid}_`;
}

function adminUrl(): string {
  const url = process.env["TEST_DATABASE_URL"];
  if (!url) throw new Error("TEST_DATABASE_URL is not set; the tests' global setup sets it");
  return url;
}

function urlOf(database: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${database}`;
  return url.href;
}

async function withAdmin<T>(action: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  // A lock belongs to its connection, so there is one.
  const sql = postgres(adminUrl(), { max: 1, onnotice: () => {} });
  try {
    return await action(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
