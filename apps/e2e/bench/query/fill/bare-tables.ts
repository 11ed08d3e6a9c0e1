import type postgres from "postgres";

/**
 * Runs `load` with the tables bare of keys and indexes, which are built afterwards: row by row, random
 * ids would take hours. What is there is read from the catalog, so it is whatever the migrations made.
 */
export async function withBareTables(
  sql: postgres.Sql,
  tables: readonly string[],
  load: () => Promise<void>,
): Promise<void> {
  const constraints = await sql<Array<{ table: string; name: string; definition: string; kind: string }>>`
    select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition, contype::text as kind
    from pg_constraint
    where contype in ('p', 'f') and conrelid::regclass::text = any(${[...tables]})
    -- Foreign keys need the primary key that they refer to: they go first and come last.
    order by contype = 'p'`;
  const indexes = await sql<Array<{ name: string; definition: string }>>`
    select indexname as name, indexdef as definition from pg_indexes
    where schemaname = 'public' and tablename = any(${[...tables]})
      and indexname not in (select conname from pg_constraint where contype = 'p')`;
  for (const { table, name } of constraints) await sql.unsafe(`alter table ${table} drop constraint "${name}"`);
  for (const { name } of indexes) await sql.unsafe(`drop index "${name}"`);

  await load();

  for (const { table, name, definition } of constraints.toReversed()) {
    await sql.unsafe(`alter table ${table} add constraint "${name}" ${definition}`);
  }
  for (const { definition } of indexes) await sql.unsafe(definition);
}
