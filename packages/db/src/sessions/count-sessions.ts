import type { RowCount } from "@xtrace/contract";
import { and, eq, isNotNull } from "drizzle-orm";
import type { Database } from "../client.ts";
import { countUpTo, ONE } from "../count-up-to.ts";
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
        .select(ONE)
        .from(traces)
        .where(and(eq(traces.projectId, projectId), isNotNull(traces.sessionId)))
        .groupBy(traces.sessionId)
        .$dynamic()
    : db
        .select(ONE)
        .from(traces)
        .where(sessionStartConditions(db, projectId, filter))
        .$dynamic();
  return await countUpTo(db, sessions, bound);
}
