import type postgres from "postgres";
import { digestOf, KINDS, type Kind } from "../load/part.ts";

/** A row as the ledger can be compared with it: what each field that a sender may have said holds. */
export type StoredRow = { readonly id: string; readonly digests: Readonly<Record<string, string>> };

export type Stored = Readonly<Record<Kind, readonly StoredRow[]>>;

const PAGE_ROWS = 2_000;

/** All rows of a project, in pages, so that inputs and outputs are never all in memory. */
export async function readStored(sql: postgres.Sql, projectId: string): Promise<Stored> {
  const stored: Record<Kind, StoredRow[]> = { trace: [], observation: [], score: [], metric: [] };
  for (const kind of KINDS) {
    const cursor = selectRows(sql, kind, projectId).cursor(PAGE_ROWS);
    for await (const rows of cursor) stored[kind].push(...rows.map((row) => toStoredRow(row as SelectedRow)));
  }
  return stored;
}

type SelectedRow = { readonly id: string } & Readonly<Record<string, unknown>>;

function selectRows(sql: postgres.Sql, kind: Kind, projectId: string) {
  switch (kind) {
    case "trace":
      return sql`select id, name from traces where project_id = ${projectId}`;
    case "observation":
      return sql`select id, trace_id, input, output from observations where project_id = ${projectId}`;
    case "score":
      return sql`select id, trace_id, comment from scores where project_id = ${projectId}`;
    case "metric":
      return sql`select labels->>'point' as id, value from metrics where project_id = ${projectId}`;
  }
}

/** In the form in which load-request.ts describes a part: with the trace, where there is one. */
function toStoredRow({ id, trace_id: traceId, ...fields }: SelectedRow): StoredRow {
  const said = Object.entries(fields).filter(([, value]) => value !== null);
  const digests = said.map(([field, value]) => [field, digestOf(traceId === undefined ? [value] : [traceId, value])]);
  return { id, digests: Object.fromEntries(digests) as Record<string, string> };
}
