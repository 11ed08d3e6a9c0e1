import { sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Database } from "../client.ts";
import { canonicalJson } from "../merge/canonical-json.ts";
import { mergeRow, type MergeRules, type StampedEvent, type StampedRow } from "../merge/merge-row.ts";
import { columnList, columnsOf, recordset, type Row } from "./recordset.ts";

/** How one table's events become rows. */
export type MergedTable = {
  readonly table: PgTable;
  /** Properties of the primary key, in its order; the project first. */
  readonly key: readonly string[];
  readonly rules: MergeRules;
  /** Columns computed from the merged ones at every write. */
  readonly derive?: (row: StampedRow) => Row;
  readonly derived?: readonly string[];
};

/** All events of one row. */
export type EventGroup = { readonly key: Row; readonly events: StampedEvent[] };

/** A row before and after the batch; `before` is null for a new one. Keys, merged and derived columns. */
export type RowChange = { readonly before: Row | null; readonly after: Row };

const STAMP_COLUMNS = ["eventStamp", "stamps"];

/**
 * Brings the rows of `groups` up to their events and returns what changed.
 *
 * New rows are inserted first, in key order; those that exist already are then locked in key order,
 * merged and updated. Every writer takes locks in that order, so none can wait for another in a circle.
 * Rows that a replay would not change are not written. Runs inside the caller's transaction.
 */
export async function upsertMerged(
  tx: Database,
  target: MergedTable,
  groups: readonly EventGroup[],
): Promise<RowChange[]> {
  if (groups.length === 0) return [];
  const sorted = groups.toSorted((a, b) => compareKeys(target.key, a.key, b.key));
  const fresh = sorted.map((group) => mergeGroup(target, null, group));

  const inserted = await insertNew(tx, target, fresh);
  const changes: RowChange[] = fresh
    .filter((row) => inserted.has(keyText(target.key, row)))
    .map((after) => ({ before: null, after }));
  if (changes.length === groups.length) return changes;

  const existing = sorted.filter(({ key }) => !inserted.has(keyText(target.key, key)));
  const stored = await lockStored(tx, target, existing);
  const updates = existing.flatMap((group) => {
    const before = stored.get(keyText(target.key, group.key));
    // Deleted between insert and lock: the next delivery of the job will insert it.
    if (!before) throw new RowVanishedError();
    const after = mergeGroup(target, before, group);
    return isSame(before, after) ? [] : [{ before, after }];
  });
  await updateRows(
    tx,
    target,
    updates.map(({ after }) => after),
  );
  return [...changes, ...updates];
}

/** A delete overtook this batch. The batch as a whole is to be tried again. */
export class RowVanishedError extends Error {
  override readonly name = "RowVanishedError";
}

/** The row as it is to be written: key, merged and derived columns. */
function mergeGroup(target: MergedTable, stored: StampedRow | null, group: EventGroup): Row {
  const merged = mergeRow(target.rules, stored, group.events);
  return Object.assign(merged, group.key, target.derive?.(merged));
}

function writtenColumns(target: MergedTable): string[] {
  return [...target.key, ...Object.keys(target.rules), ...(target.derived ?? []), ...STAMP_COLUMNS];
}

async function insertNew(tx: Database, target: MergedTable, rows: readonly Row[]): Promise<Set<string>> {
  const columns = writtenColumns(target);
  const returned = await tx.execute(sql`
    insert into ${target.table} (${columnList(target.table, columns)})
    select ${columnList(target.table, columns, "r")} from ${recordset(target.table, columns, rows)}
    on conflict do nothing
    returning ${columnList(target.table, target.key)}`);
  const names = columnsOf(target.table, target.key).map(({ column }) => column.name);
  return new Set(returned.map((row) => names.map((name) => String(row[name])).join(SEPARATOR)));
}

async function lockStored(
  tx: Database,
  target: MergedTable,
  groups: readonly EventGroup[],
): Promise<Map<string, StampedRow>> {
  const columns = columnsOf(target.table, writtenColumns(target));
  const selection = Object.fromEntries(columns.map(({ property, column }) => [property, column]));
  const key = columnsOf(target.table, target.key).map(({ column }) => column);
  const rows = await tx
    .select(selection)
    .from(target.table)
    .where(
      sql`(${sql.join(key, sql`, `)}) in (
        select ${columnList(target.table, target.key, "r")}
        from ${recordset(
          target.table,
          target.key,
          groups.map((group) => group.key),
        )})`,
    )
    .orderBy(...key)
    .for("update");
  return new Map(rows.map((row) => [keyText(target.key, row), row as unknown as StampedRow]));
}

async function updateRows(tx: Database, target: MergedTable, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const columns = writtenColumns(target);
  const assigned = columnsOf(target.table, columns).filter(({ property }) => !target.key.includes(property));
  const assignments = assigned.map(({ column }) => {
    const name = sql.identifier(column.name);
    return sql`${name} = r.${name}`;
  });
  const matches = columnsOf(target.table, target.key).map(
    ({ column }) => sql`${column} = r.${sql.identifier(column.name)}`,
  );
  await tx.execute(sql`
    update ${target.table} set ${sql.join(assignments, sql`, `)}, updated_at = now()
    from ${recordset(target.table, columns, rows)}
    where ${sql.join(matches, sql` and `)}`);
}

/** Ids hold no U+0000, so it keeps the parts of a key apart. */
const SEPARATOR = "\u0000";

function keyText(key: readonly string[], row: Row): string {
  return key.map((property) => String(row[property])).join(SEPARATOR);
}

/** Byte order, as COLLATE "C" compares: UTF-16 order differs from it only beyond the BMP, where any fixed order will do. */
function compareKeys(key: readonly string[], a: Row, b: Row): number {
  const textA = keyText(key, a);
  const textB = keyText(key, b);
  if (textA === textB) return 0;
  return textA < textB ? -1 : 1;
}

function isSame(before: Row, after: Row): boolean {
  return Object.entries(after).every(([property, value]) => {
    const old = before[property] ?? null;
    return old === value || canonicalJson(old as never) === canonicalJson((value ?? null) as never);
  });
}
