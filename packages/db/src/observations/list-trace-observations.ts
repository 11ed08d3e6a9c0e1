import { and, eq, sql, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../client.ts";
import { observations } from "../schema/observations.ts";
import { observationColumns, type ObservationRow } from "./observation-columns.ts";

type JsonProperty =
  | "input"
  | "output"
  | "metadata"
  | "modelParameters"
  | "usageDetails"
  | "costDetails"
  | "appliedPrices"
  | "calculatedCosts";

/** An observation whose JSON is text: who only passes it on need not parse and print it. */
export type ObservationText = Omit<ObservationRow, JsonProperty> & {
  readonly [Property in JsonProperty]: string | null;
};

/**
 * The first `limit` observations of a trace, by start time and id. Scan of `observations_project_trace_idx`.
 *
 * Rows come from the driver as they are, and only what it cannot read is read here: of 10,000 observations
 * with 32 columns Drizzle's mapping took a third of the answer's time, and parsing their JSON as much again.
 */
export async function listTraceObservations(
  db: Database,
  query: { readonly projectId: string; readonly traceId: string; readonly limit: number },
): Promise<ObservationText[]> {
  const { projectId, traceId, limit } = query;
  const rows = await db.execute(sql`
    select ${SELECTION} from ${observations}
    where ${and(eq(observations.projectId, projectId), eq(observations.traceId, traceId))}
    order by ${observations.startTime}, ${observations.id} limit ${limit}`);
  for (const row of rows) readRow(row);
  return rows as unknown as ObservationText[];
}

const COLUMNS = Object.entries<PgColumn>(observationColumns);
const SELECTION = sql.join(COLUMNS.map(selected), sql`, `);
/** What the driver leaves as text. */
const UNREAD = COLUMNS.filter(([, column]) => /^(timestamp|bigint)/.test(column.getSQLType()));

function selected([property, column]: [string, PgColumn]): SQL {
  const value = column.getSQLType().startsWith("json") ? sql`${column}::text` : sql`${column}`;
  return sql`${value} as ${sql.identifier(property)}`;
}

function readRow(row: Record<string, unknown>): void {
  for (const [property, column] of UNREAD) {
    const text = row[property];
    if (text !== null) row[property] = column.mapFromDriverValue(text);
  }
}
