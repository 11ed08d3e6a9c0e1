import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { setupDatabase } from "../test/setup-database.ts";
import { openDatabase } from "./client.ts";
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
