import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { traces } from "../schema/traces.ts";
import type { SessionStart } from "./list-sessions.ts";

/** One session by its first trace; `undefined` when no trace names it. Scan of `traces_project_session_idx`. */
export async function getSessionStart(
  db: Database,
  query: { readonly projectId: string; readonly sessionId: string },
): Promise<SessionStart | undefined> {
  const { projectId, sessionId } = query;
  const [row] = await db
    .select({ startedAt: traces.timestamp, environment: traces.environment })
    .from(traces)
    .where(and(eq(traces.projectId, projectId), eq(traces.sessionId, sessionId)))
    .orderBy(traces.timestamp, traces.id)
    .limit(1);
  return row && { id: sessionId, ...row };
}
