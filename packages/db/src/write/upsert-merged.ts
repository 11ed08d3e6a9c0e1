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
  /**
   * In which order new rows are inserted, instead of the key's. Only where nobody else can write a row of
   * the batch meanwhile, so that no two writers wait for each other's rows in a circle.
   */
  readonly insertOrder?: (a: Row, b: Row) => number;
  /** Columns computed from the merged ones and the key at every write. */
  readonly derive?: (row: StampedRow) => Row;
  readonly derived?: readonly string[];
};

/** All columns that a write sets. */
function writtenColumns({ key, rules, derived = [] }: MergedTable): string[] {
  return [...key, ...Object.keys(rules), ...derived, "eventStamp", "stamps"];
}

/** All events of one row. `keyText` is its key in one text, made by `keyTextOf`. */
export type EventGroup = { readonly key: Row; readonly keyText: string; readonly events: StampedEvent[] };

/** A row before and after the batch; `before` is null for a new one. Keys, merged and derived columns. */
export type RowChange = { readonly before: Row | null; readonly after: Row };

/** Columns that a row gets when it is new, and that others keep up after that. */
export type InitialColumns = {
  readonly columns: readonly string[];
  /** By `keyText`. */
  readonly values: ReadonlyMap<string, Row>;
  /** Of a row that `values` does not name. */
  readonly otherwise: Row;
};

/** A batch's events of one table, by row in key order, and each row as it is when nothing is stored of it. */
export type MergedBatch = {
  readonly target: MergedTable;
  readonly groups: readonly EventGroup[];
  readonly fresh: readonly Row[];
  /** Of `fresh`: the written columns and the initial ones. */
  readonly columns: readonly string[];
};

/** `unchanged`: rows that the batch named and that it changes nothing about; the caller's transaction holds them too. */
export type Upserted = { readonly changes: readonly RowChange[]; readonly unchanged: readonly Row[] };

const NO_COLUMNS: InitialColumns = { columns: [], values: new Map(), otherwise: {} };

export function mergeBatch(
  target: MergedTable,
  groups: readonly EventGroup[],
  initial: InitialColumns = NO_COLUMNS,
): MergedBatch {
  const sorted = groups.toSorted(compareKeys);
  const columns = [...writtenColumns(target), ...initial.columns];
  const blank = blankRow(columns);
  const fresh: Row[] = [];
  for (const group of sorted) {
    const row = mergeGroup(target, blank, null, group);
    fresh.push(Object.assign(row, initial.values.get(group.keyText) ?? initial.otherwise));
  }
  return { target, groups: sorted, fresh, columns };
}

type WithKeyText = Pick<EventGroup, "keyText">;

export function compareKeys(a: WithKeyText, b: WithKeyText): number {
  return compareText(a.keyText, b.keyText);
}

/** Rows begin as copies of it: an object that gets its properties one by one is made anew for every few of them. */
function blankRow(columns: readonly string[]): Row {
  return Object.fromEntries(columns.map(withNull));
}

function withNull(column: string): [string, null] {
  return [column, null];
}

/**
 * Brings the rows of a batch up to their events.
 *
 * New rows are inserted first, in key order or `insertOrder`; those that exist already are then locked in
 * key order, merged and updated. Every writer takes locks in that order, so none can wait for another in a circle.
 * Rows that a replay would not change are not written. Runs inside the caller's transaction.
 */
export async function upsertMerged(tx: Database, { target, groups, fresh, columns }: MergedBatch): Promise<Upserted> {
  if (groups.length === 0) return { changes: [], unchanged: [] };
  const inOrder = target.insertOrder ? fresh.toSorted(target.insertOrder) : fresh;
  const inserted = await insertNew(tx, target, inOrder, columns);
  if (inserted === "all") return { changes: fresh.map(toNewRow), unchanged: [] };
  const changes = fresh.filter((_, index) => inserted.has(groups[index]?.keyText ?? "")).map(toNewRow);

  const existing = groups.filter(({ keyText }) => !inserted.has(keyText));
  const stored = await lockStored(tx, target, existing);
  const unchanged: Row[] = [];
  const blank = blankRow(writtenColumns(target));
  for (const group of existing) {
    const before = stored.get(group.keyText);
    // Deleted between insert and lock: the next delivery of the job will insert it.
    if (!before) throw new RowVanishedError();
    const after = mergeGroup(target, blank, before, group);
    if (isSame(before, after)) unchanged.push(before);
    else changes.push({ before, after });
  }
  const updated = changes.filter(({ before }) => before !== null).map(({ after }) => after);
  await updateRows(tx, target, updated);
  return { changes, unchanged };
}

/** A delete overtook this batch. The batch as a whole is to be tried again. */
export class RowVanishedError extends Error {
  override readonly name = "RowVanishedError";
}

/** The row as it is to be written: key, merged and derived columns. */
function mergeGroup(target: MergedTable, blank: Row, stored: StampedRow | null, group: EventGroup): Row {
  const row = mergeRow(target.rules, stored, group.events, Object.assign({ ...blank }, group.key));
  return Object.assign(row, target.derive?.(row));
}

export function toNewRow(after: Row): RowChange {
  return { before: null, after };
}

/** Returns the keys of the rows that were not there before. Most batches bring new rows only: then no key travels back. */
async function insertNew(
  tx: Database,
  target: MergedTable,
  rows: readonly Row[],
  columns: readonly string[],
): Promise<ReadonlySet<string> | "all"> {
  const fresh = recordset(target.table, columns, rows);
  const key = columnList(target.table, target.key);
  const returned = await tx.execute(sql`
    with inserted as (
      insert into ${target.table} (${columnList(target.table, columns)})
      select ${fresh.values} from ${fresh.from}
      on conflict do nothing
      returning ${key}
    )
    select total.count as inserted_count, ${key}
    from (select count(*)::int from inserted) as total left join inserted on total.count < ${rows.length}`);
  if (returned[0]?.["inserted_count"] === rows.length) return "all";
  const names = columnsOf(target.table, target.key).map(({ column }) => column.name);
  return new Set(returned.map((row) => keyTextOf(names.map((name) => row[name]))));
}

async function lockStored(
  tx: Database,
  target: MergedTable,
  groups: readonly EventGroup[],
): Promise<Map<string, StampedRow>> {
  const columns = columnsOf(target.table, writtenColumns(target));
  const selection = Object.fromEntries(columns.map(({ property, column }) => [property, column]));
  const key = columnsOf(target.table, target.key).map(({ column }) => column);
  const keys = recordset(
    target.table,
    target.key,
    groups.map((group) => group.key),
  );
  const rows = await tx
    .select(selection)
    .from(target.table)
    .where(sql`(${sql.join(key, sql`, `)}) in (select ${keys.values} from ${keys.from})`)
    .orderBy(...key)
    .for("update");
  return new Map(rows.map((row) => [rowKeyText(target.key, row), row as unknown as StampedRow]));
}

async function updateRows(tx: Database, target: MergedTable, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const columns = writtenColumns(target);
  const changed = recordset(target.table, columns, rows);
  const assigned = columnsOf(target.table, columns).filter(({ property }) => !target.key.includes(property));
  const assignments = assigned.map(
    ({ property, column }) => sql`${sql.identifier(column.name)} = ${changed.value(property)}`,
  );
  const matches = columnsOf(target.table, target.key).map(
    ({ property, column }) => sql`${column} = ${changed.value(property)}`,
  );
  await tx.execute(sql`
    update ${target.table} set ${sql.join(assignments, sql`, `)}, updated_at = now()
    from ${changed.from}
    where ${sql.join(matches, sql` and `)}`);
}

/** The key of a row, whose properties `key` names, in one text. */
export function rowKeyText(key: readonly string[], row: Row): string {
  const parts: unknown[] = [];
  for (const property of key) parts.push(row[property]);
  return keyTextOf(parts);
}

/** The parts of a key in one text, which sorts as they do. Ids hold no U+0000, so it keeps them apart. */
export function keyTextOf(parts: readonly unknown[]): string {
  return parts.join("\u0000");
}

/** Byte order, as COLLATE "C" compares: UTF-16 order differs from it only beyond the BMP, where any fixed order will do. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isSame(before: Row, after: Row): boolean {
  return Object.entries(after).every(([property, value]) => {
    const old = before[property] ?? null;
    return old === value || canonicalJson(old as never) === canonicalJson((value ?? null) as never);
  });
}
