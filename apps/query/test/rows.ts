import { randomUUID } from "node:crypto";
import { observations, scores, traces, type Database } from "@xtrace/db";
import { addToHours } from "./hourly-counts.ts";
import { T0_US } from "./setup-query.ts";

type TraceValues = typeof traces.$inferInsert;
type ObservationValues = typeof observations.$inferInsert;
type ScoreValues = typeof scores.$inferInsert;

/** Rows as the worker would have left them, with the hourly counts that belong to them. */
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
  return values.map(({ id }) => id);
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
