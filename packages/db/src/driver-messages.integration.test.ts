import { createTestDatabase } from "@xtrace/testkit";
import postgres from "postgres";
import { expect, test } from "vitest";

/*
 * The driver writes all parameters of a statement into one buffer, and what belongs behind them: patched, see
 * apps/docs/decisions/dependencies.md.
 */

const MEGABYTE = 1024 * 1024;
const TEXTS = ["", "a", "ä€😀", "x".repeat(3 * MEGABYTE), null, "é".repeat(MEGABYTE), "z"];

test("parameters of any length arrive as they were sent, the first time and when the statement is prepared", async () => {
  await using database = await createTestDatabase();
  const sql = postgres(database.url, { max: 1 });
  try {
    for (const texts of [TEXTS, TEXTS.toReversed(), TEXTS.map(() => null), TEXTS]) {
      const [row] = await sql.unsafe(
        `select ${texts.map((_, index) => `$${index + 1}::text as t${index}`).join(", ")}`,
        texts,
        { prepare: true },
      );
      expect(Object.values(row ?? {})).toEqual(texts);
    }
  } finally {
    await sql.end();
  }
});

test("a cursor goes through its rows", async () => {
  await using database = await createTestDatabase();
  const sql = postgres(database.url, { max: 1 });
  try {
    const counts: number[] = [];
    for await (const rows of sql`select * from generate_series(1, ${25}::int)`.cursor(10)) counts.push(rows.length);
    expect(counts).toEqual([10, 10, 5]);
  } finally {
    await sql.end();
  }
});
