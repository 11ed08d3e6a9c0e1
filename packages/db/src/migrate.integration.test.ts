import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDoor, createTestDatabase, eventually } from "@xtrace/testkit";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { expect, test } from "vitest";
import { migrateDatabase, MIGRATIONS_FOLDER } from "./migrate.ts";
import { classifyWriteError } from "./write-error.ts";

type Journal = { readonly entries: ReadonlyArray<{ readonly tag: string }> };

/** Brings a database to the schema as it was before a migration. */
async function migrateUntil(sql: postgres.Sql, tag: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "xtrace-migrations-"));
  try {
    await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
    const file = join(folder, "meta", "_journal.json");
    const journal = JSON.parse(await readFile(file, "utf8")) as Journal;
    const until = journal.entries.findIndex((entry) => entry.tag === tag);
    await writeFile(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, until) }));
    await migrate(drizzle(sql), { migrationsFolder: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("0009 takes what traces used into their rows", async () => {
  await using database = await createTestDatabase({});
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    await migrateUntil(sql, "0009_usage_by_day");
    await sql`
      insert into traces (project_id, id, timestamp, event_stamp)
      select project, id, now(), 1 from unnest(array['p', 'p', 'q'], array['used', 'idle', 'used']) as t (project, id)`;
    await sql`
      insert into trace_usage (project_id, trace_id, day, type, model, observation_count, prompt_tokens, completion_tokens,
        total_tokens, total_cost)
      values ('p', 'used', '2026-01-02', 'SPAN', '', 2, 0, 0, 0, 0),
        ('p', 'used', '2026-01-01', 'GENERATION', 'b', 1, 9007199254740993, 3, 9007199254740996, 0.10),
        ('p', 'used', '2026-01-01', 'GENERATION', 'a', 0, 0, 0, 0, 0.00),
        ('q', 'used', '2026-01-01', 'TOOL', '', 1, 1, 2, 3, 0)`;

    await migrateDatabase(database.url);

    const rows = await sql`select project_id, id, usage_by_day::text as used from traces order by project_id, id`;
    expect([...rows]).toEqual([
      { project_id: "p", id: "idle", used: null },
      {
        project_id: "p",
        id: "used",
        used:
          '[["2026-01-01", "GENERATION", "b", 1, "9007199254740993", "3", "9007199254740996", "0.1"], ' +
          '["2026-01-02", "SPAN", "", 2, "0", "0", "0", "0"]]',
      },
      { project_id: "q", id: "used", used: '[["2026-01-01", "TOOL", "", 1, "1", "2", "3", "0"]]' },
    ]);
  } finally {
    await sql.end();
  }
});

test("whoever falls silent while migrating holds up no other", async () => {
  await using database = await createTestDatabase({});
  await using door = await createDoor(database.url, { lastWords: "set local lock_timeout" });
  await door.open();
  const silent = migrateDatabase(door.url, { silenceMs: 1_000 }).catch((error: unknown) => error);
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    await eventually(async () =>
      expect([
        ...(await sql`select state from pg_stat_activity where query like 'set local lock_timeout%' and datname = current_database()`),
      ]).toEqual([{ state: "idle in transaction" }]),
    );
    await migrateDatabase(database.url);
    expect((await sql`select from traces`).count).toBe(0);
    expect(classifyWriteError(await silent).kind).toBe("outage");
  } finally {
    await sql.end();
  }
});
