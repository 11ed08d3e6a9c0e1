import type { RowCount } from "@xtrace/contract";
import { and, count, eq, isNotNull, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { traces } from "../schema/traces.ts";
import { isUnfiltered } from "../traces/trace-filter.ts";
import { sessionStartConditions, type SessionFilter } from "./session-starts.ts";

/** How many sessions of a project match, counted up to `bound`. Without a filter, `traces_project_session_idx` alone is read. */
export async function countSessions(
  db: Database,
  query: { readonly projectId: string; readonly filter: SessionFilter; readonly bound: number },
): Promise<RowCount> {
  const { projectId, filter, bound } = query;
  const sessions = isUnfiltered(filter)
    ? db
        .select({ one: sql`1`.as("one") })
        .from(traces)
        .where(and(eq(traces.projectId, projectId), isNotNull(traces.sessionId)))
        .groupBy(traces.sessionId)
        .limit(bound + 1)
        .as("sessions")
    : db
        .select({ one: sql`1`.as("one") })
        .from(traces)
        .where(sessionStartConditions(db, projectId, filter))
        .limit(bound + 1)
        .as("sessions");
  const [row] = await db.select({ count: count() }).from(sessions);
  const found = row?.count ?? 0;
  return { count: Math.min(found, bound), exact: found <= bound };
}
