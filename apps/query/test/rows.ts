import { randomUUID } from "node:crypto";
import { observations, scores, traces, type Database } from "@xtrace/db";
import { addToHours } from "./hourly-counts.ts";
import { T0_US } from "./setup-query.ts";

type TraceValues = typeof traces.$inferInsert;
type ObservationValues = typeof observations.$inferInsert;
type ScoreValues = typeof scores.$inferInsert;

/** Rows as the worker would have left them, with the counts that belong to them. */
export async function insertTraces(
  db: Database,
  projectId: string,
  rows: ReadonlyArray<Partial<TraceValues>>,
): Promise<string[]> {
  const values = rows.map((row) => ({ id: randomUUID(), timestamp: T0_US, eventStamp: 0, ...row, projectId }));
  await db.insert(traces).values(values);
  await addToHours(
    db,
    projectId,
    "traceCount",
    values.map(({ timestamp }) => timestamp),
  );
  return values.map(({ id }) => id);
}

/** Of one trace, which must exist. */
export async function insertObservations(
  db: Database,
  projectId: string,
  traceId: string,
  rows: ReadonlyArray<Partial<ObservationValues>>,
): Promise<string[]> {
  const values = rows.map((row) => ({ id: randomUUID(), startTime: T0_US, eventStamp: 0, ...row, projectId, traceId }));
  await db.insert(observations).values(values);
  await addToHours(
    db,
    projectId,
    "observationCount",
    values.map(({ startTime }) => startTime),
  );
  await countUsed(db, projectId);
  return values.map(({ id }) => id);
}

/** The traces' counts and the daily usage of a project, as its rows say. */
async function countUsed(db: Database, projectId: string): Promise<void> {
  await db.execute(`
    update traces set observation_count = counted.count
    from (select trace_id, count(*) from observations where project_id = '${projectId}' group by 1) as counted
    where project_id = '${projectId}' and id = trace_id`);
  await db.execute(`delete from daily_usage where project_id = '${projectId}'`);
  await db.execute(`
    insert into daily_usage select project_id, (start_time at time zone 'UTC')::date, coalesce(type, 'SPAN'), coalesce(model, ''),
      count(distinct trace_id), count(*), coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0),
      coalesce(sum(total_tokens), 0), coalesce(sum(total_cost), 0)
    from observations where project_id = '${projectId}' group by 1, 2, 3, 4`);
}

export async function insertScores(
  db: Database,
  projectId: string,
  rows: ReadonlyArray<Partial<ScoreValues>>,
): Promise<string[]> {
  const defaults = {
    timestamp: T0_US,
    name: "quality",
    dataType: "NUMERIC",
    value: 1,
    source: "API",
    eventStamp: 0,
  } as const;
  const values = rows.map((row) => ({ id: randomUUID(), ...defaults, ...row, projectId }));
  await db.insert(scores).values(values);
  await addToHours(
    db,
    projectId,
    "scoreCount",
    values.map(({ timestamp }) => timestamp),
  );
  return values.map(({ id }) => id);
}
