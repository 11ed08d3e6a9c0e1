import { sql } from "drizzle-orm";
import { boolean, doublePrecision, pgTable, text } from "drizzle-orm/pg-core";
import { describe, expect, test } from "vitest";
import { setupDatabase } from "../../test/setup-database.ts";
import { id, jsonbOf, jsonText, timestampUs } from "../schema/column-types.ts";
import { columnList, recordset } from "./recordset.ts";

const samples = pgTable("samples", {
  id: id("id").notNull(),
  text: text("text"),
  tags: text("tags").array(),
  isSet: boolean("is_set"),
  ratio: doublePrecision("ratio"),
  at: timestampUs("at"),
  any: jsonText("any_json"),
  object: jsonbOf<Record<string, unknown>>("object"),
});
const PROPERTIES = ["id", "text", "tags", "isSet", "ratio", "at", "any", "object"];

/** What array syntax, JSON and PostgreSQL each give a meaning of their own. */
const TEXTS = [
  "",
  "NULL",
  "null",
  "{}",
  "a,b",
  'say "hi"',
  "back\\slash",
  "\\n",
  "line\nbreak\ttab",
  "\u0001",
  " x ",
  "ü€😀",
  "'",
];

describe("rows on their way to PostgreSQL", () => {
  test("arrive as they were sent, whatever is in them", async () => {
    await using database = await setupDatabase();
    const { db } = database;
    await db.execute(sql`create table samples (id text collate "C", text text, tags text[], is_set boolean,
      ratio double precision, at timestamptz, any_json json, object jsonb)`);
    const rows = [
      ...TEXTS.map((value, index) => ({
        id: `id-${String(index).padStart(2, "0")}`,
        text: value,
        tags: [value, "plain", value],
        isSet: index % 2 === 0,
        ratio: index / 3,
        at: 1_764_000_000_000_001 + index,
        any: index % 2 === 0 ? value : [value, { [value]: value }],
        object: { [value]: [value, null, 1.5, { deep: value }] },
      })),
      { id: "z-1", text: null, tags: [], isSet: null, ratio: 1e-320, at: 0, any: 0, object: {} },
      {
        id: "z-2",
        text: undefined,
        tags: null,
        isSet: false,
        ratio: -1.7e308,
        at: 9_007_199_254_740_991,
        any: false,
        object: null,
      },
      { id: "z-3", text: "x", tags: ["{}"], isSet: true, ratio: 0.1, at: -1, any: null, object: { a: null } },
    ];
    const sent = recordset(samples, PROPERTIES, rows);
    await db.execute(
      sql`insert into samples (${columnList(samples, PROPERTIES)}) select ${sent.values} from ${sent.from}`,
    );
    const stored = await db.select().from(samples).orderBy(samples.id);
    expect(stored).toEqual(rows.map((row) => ({ ...row, text: row.text ?? null })));
  });

  const MARKS = ["\u0001", "\u0002", "a\u0001b", "a\u0002b"];
  test.each([
    [["", ""]],
    [[""]],
    [["", null]],
    [[null, ""]],
    [[null, "x"]],
    [["x", null]],
    ...MARKS.map((mark) => [[mark, null, ""]]),
  ])("keep texts, empty ones and their absence apart: %j", async (texts) => {
    await using database = await setupDatabase();
    const rows = texts.map((text, index) => ({ id: `id-${index}`, text }));
    const sent = recordset(samples, ["id", "text", "at"], rows);
    const received = await database.db.execute(sql`select ${sent.value("text")} as text from ${sent.from}`);
    expect([...received]).toEqual(texts.map((text) => ({ text })));
  });

  test("are as many as they are where only their first column, or none, has a value", async () => {
    await using database = await setupDatabase();
    for (const rows of [
      [{ id: "a" }, { id: null }, { id: "c" }],
      [{ id: null }, { id: null }],
    ]) {
      const sent = recordset(samples, ["id", "text", "tags", "any"], rows);
      const received = await database.db.execute(sql`select ${sent.values} from ${sent.from}`);
      expect(received.map((row) => Object.values(row))).toEqual(rows.map(({ id }) => [id, null, null, null]));
    }
  });

  test.each([[[null]], [[null, null]], [[{ a: 1 }]], [[{}, null]], [[null, {}]]])(
    "keep JSON and its absence apart: %j",
    async (objects) => {
      await using database = await setupDatabase();
      const sent = recordset(
        samples,
        ["id", "object"],
        objects.map((object, index) => ({ id: `id-${index}`, object })),
      );
      const received = await database.db.execute(sql`
      select ${sent.value("object")} as object, ${sent.value("object")} is null as "isNull" from ${sent.from}`);
      expect([...received]).toEqual(objects.map((object) => ({ object, isNull: object === null })));
    },
  );

  test("are none when there are none", async () => {
    await using database = await setupDatabase();
    const none = recordset(samples, ["id", "tags"], []);
    const result = await database.db.execute(sql`select count(*)::int as count from ${none.from}`);
    expect(result[0]?.["count"]).toBe(0);
  });
});
