import { sql, type SQL, type SQLWrapper } from "drizzle-orm";

/**
 * The same value in an expression that no index has. Ordering by it keeps PostgreSQL from walking
 * along an index in search of rows that are rare: it fetches them by their filter and sorts.
 */
export function unindexed(value: SQLWrapper): SQL {
  return sql`coalesce(${value}, ${value})`;
}
