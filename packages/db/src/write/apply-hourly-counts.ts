import { isoFromUs } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { startOfHour } from "../counts/hour.ts";
import { hourlyCounts } from "../schema/usage.ts";
import type { RowChange } from "./upsert-merged.ts";

type Changes = {
  readonly traces: readonly RowChange[];
  readonly observations: readonly RowChange[];
  readonly scores: readonly RowChange[];
};

/** The property whose hour counts. */
const TIME_OF = { traces: "timestamp", observations: "startTime", scores: "timestamp" } as const;

type Delta = { project_id: string; hour: string; traces: number; observations: number; scores: number };

/**
 * Keeps `hourly_counts` exact: a new row adds one to its hour, one whose time moved leaves one hour for another.
 * Rows are shared by all writers of a project: they are taken last and in key order.
 */
export async function applyHourlyCounts(tx: Database, changes: Changes): Promise<void> {
  const rows = deltasOf(changes);
  if (rows.length === 0) return;
  await tx.execute(sql`
    insert into ${hourlyCounts} (project_id, hour, trace_count, observation_count, score_count)
    select project_id, hour, traces, observations, scores
    from json_to_recordset(${JSON.stringify(rows)}::text::json)
      as r(project_id text, hour timestamptz, traces int, observations int, scores int)
    order by project_id collate "C", hour
    on conflict (project_id, hour) do update set
      trace_count = hourly_counts.trace_count + excluded.trace_count,
      observation_count = hourly_counts.observation_count + excluded.observation_count,
      score_count = hourly_counts.score_count + excluded.score_count`);
}

function deltasOf(changes: Changes): Delta[] {
  const byHour = new Map<string, Delta>();
  const add = (kind: keyof Changes, row: RowChange["after"], sign: 1 | -1) => {
    const projectId = row["projectId"] as string;
    const hourUs = startOfHour(row[TIME_OF[kind]] as number);
    const key = `${projectId}\u0000${hourUs}`;
    const none = { project_id: projectId, hour: isoFromUs(hourUs), traces: 0, observations: 0, scores: 0 };
    const delta = byHour.get(key) ?? none;
    delta[kind] += sign;
    byHour.set(key, delta);
  };
  for (const kind of ["traces", "observations", "scores"] as const) {
    for (const { before, after } of changes[kind]) {
      add(kind, after, 1);
      if (before) add(kind, before, -1);
    }
  }
  return [...byHour.values()].filter((delta) => delta.traces !== 0 || delta.observations !== 0 || delta.scores !== 0);
}
