import { createDoor, eventually } from "@xtrace/testkit";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { setupDatabase } from "../test/setup-database.ts";
import { openDatabase, type Database } from "./client.ts";
import { endAbandonedTransactions } from "./end-abandoned-transactions.ts";
import { traces } from "./schema/traces.ts";
import { classifyWriteError } from "./write-error.ts";

/** As by a worker that is frozen, or whose machine is gone without a word, between two statements. */
test("a transaction that nobody goes on with lets its rows go, and fails for the moment", async () => {
  await using database = await setupDatabase();
  const insert = sql`insert into ${traces} (project_id, id, timestamp, event_stamp) values ('p', 't', now(), 0)
    on conflict (project_id, id) do update set name = 'later'`;
  await using hanging = openDatabase({
    url: database.url,
    poolSize: 1,
    applicationName: "test",
    statementTimeoutMs: 1_000,
  });
  let thaw = () => {};
  const frozen = new Promise<void>((resolve) => (thaw = resolve));
  let isHeld = () => {};
  const held = new Promise<void>((resolve) => (isHeld = resolve));
  const stuck = hanging.db
    .transaction(async (tx) => {
      await tx.execute(insert);
      isHeld();
      await frozen;
      await tx.execute(sql`select 1`);
    })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  await held;
  const startedAt = performance.now();
  await database.db.execute(insert);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  thaw();
  expect(classifyWriteError(await stuck).kind).not.toBe("data");
  // The pool goes on.
  expect([...(await hanging.db.execute(sql`select 1 as one`))]).toEqual([{ one: 1 }]);
});

/** As above, but when half of a statement was sent. */
test("a transaction whose client fell silent in the middle of a statement is ended by who waits for it", async () => {
  await using database = await setupDatabase();
  await using door = await createDoor(database.url, { lastWords: "half a statement" });
  await door.open();
  const options = { poolSize: 1, applicationName: "test", statementTimeoutMs: 1_000 };
  await using silent = openDatabase({ ...options, url: door.url });
  await using waiting = openDatabase({ ...options, url: database.url });
  const insert = sql`insert into ${traces} (project_id, id, timestamp, event_stamp) values ('p', 't', now(), 0)
    on conflict (project_id, id) do update set name = 'later'`;
  const stuck = silent.db
    .transaction(async (tx) => {
      await tx.execute(insert);
      await tx.execute(sql`select ${"x"} as "half a statement"`);
    })
    .then(
      () => undefined,
      (error: unknown) => error,
    );

  await eventually(async () =>
    expect(await activityOf(database.db)).toEqual([{ state: "active", waits: "ClientRead" }]),
  );
  await expect(waiting.db.execute(insert)).rejects.toThrow();
  await expect(waiting.db.execute(insert)).rejects.toThrow();
  expect(await endAbandonedTransactions(waiting.db)).toBe(1);
  await waiting.db.execute(insert);
  expect(await endAbandonedTransactions(waiting.db)).toBe(0);
  expect(classifyWriteError(await stuck).kind).toBe("outage");
});

async function activityOf(db: Database) {
  const rows = await db.execute<{ state: string; waits: string }>(sql`
    select state, wait_event as waits from pg_stat_activity
    where datname = current_database() and query like '%half a statement%' and pid <> pg_backend_pid()`);
  return [...rows];
}
