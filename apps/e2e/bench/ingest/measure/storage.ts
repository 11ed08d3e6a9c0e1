import type { Sql } from "postgres";

/** Bytes of everything that ingestion writes. `wal` counts since the server was made. */
export type Storage = Readonly<Record<"tables" | "toast" | "indexes" | "wal", number>>;

export async function readStorage(sql: Sql): Promise<Storage> {
  const [row] = await sql<Array<Record<keyof Storage, string>>>`
    SELECT coalesce(sum(pg_relation_size(oid)), 0) AS tables,
           coalesce(sum(pg_total_relation_size(nullif(reltoastrelid, 0))), 0) AS toast,
           coalesce(sum(pg_indexes_size(oid)), 0) AS indexes,
           pg_current_wal_lsn() - '0/0'::pg_lsn AS wal
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'bench_copy'`;
  if (!row) throw new Error("no sizes");
  return mapStorage((key) => Number(row[key]));
}

/** What was added between two readings. */
export function storageBetween(before: Storage, after: Storage): Storage {
  return mapStorage((key) => after[key] - before[key]);
}

function mapStorage(valueOf: (key: keyof Storage) => number): Storage {
  return { tables: valueOf("tables"), toast: valueOf("toast"), indexes: valueOf("indexes"), wal: valueOf("wal") };
}
