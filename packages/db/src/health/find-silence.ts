import { HOUR_US, isoFromUs, MINUTE_US } from "@xtrace/contract";
import { sql, type SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Database } from "../client.ts";
import { startOfHour } from "../counts/hour.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { hourlyCounts } from "../schema/usage.ts";

/** Source: Langfuse. */
const WINDOW_US = 3 * MINUTE_US;

/**
 * Of what no project has anything in the last three minutes, traces asked first; `null` when there are both.
 * Reads who had any in the hour, and then an index on time of each until one has a recent one.
 */
export async function findSilence(db: Database, nowUs: number): Promise<"traces" | "observations" | null> {
  const [found] = await db.execute<{ traces: boolean; observations: boolean }>(sql`
    select ${isHeard(nowUs, traces, traces.projectId, traces.timestamp, hourlyCounts.traceCount)} as traces,
      ${isHeard(nowUs, observations, observations.projectId, observations.startTime, hourlyCounts.observationCount)} as observations`);
  if (!found?.traces) return "traces";
  return found.observations ? null : "observations";
}

function isHeard(nowUs: number, table: PgTable, projectId: PgColumn, time: PgColumn, count: PgColumn): SQL {
  const at = (timeUs: number) => sql`${isoFromUs(timeUs)}::timestamptz`;
  const hour = startOfHour(nowUs);
  return sql`exists (
    select from ${hourlyCounts}
    where ${hourlyCounts.hour} in (${at(hour)}, ${at(hour - HOUR_US)}) and ${count} > 0 and exists (
      select from ${table} where ${projectId} = ${hourlyCounts.projectId}
      and ${time} >= ${at(nowUs - WINDOW_US)} and ${time} <= ${at(nowUs)}))`;
}
