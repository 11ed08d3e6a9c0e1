import postgres from "postgres";

/** A connection of its own for as long as `use` takes, as an operator's beside the apps. */
export async function withSql<T>(databaseUrl: string, use: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {}, connection: { application_name: "chaos" } });
  try {
    return await use(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
