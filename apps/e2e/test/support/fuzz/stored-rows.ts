import postgres from "postgres";
import type { ExpectedRow } from "./fuzz-request.ts";

/** Which of the rows are not there. Points have no id of their own, so they are found by their name. */
export async function missingRows(
  databaseUrl: string,
  rows: ReadonlyArray<Pick<ExpectedRow, "table" | "id">>,
): Promise<string[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const missing: string[] = [];
  try {
    for (const table of new Set(rows.map((row) => row.table))) {
      const ids = rows.filter((row) => row.table === table).map(({ id }) => id);
      const column = table === "metrics" ? "name" : "id";
      const found = await sql<Array<{ id: string }>>`
        SELECT DISTINCT ${sql(column)} AS id FROM ${sql(table)} WHERE ${sql(column)} = ANY(${ids})`;
      const known = new Set(found.map(({ id }) => id));
      missing.push(...ids.filter((id) => !known.has(id)).map((id) => `${table} ${id}`));
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
  return missing;
}
