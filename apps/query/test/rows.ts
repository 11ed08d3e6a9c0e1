import { randomUUID } from "node:crypto";
import { dailyTraces, dailyUsage, observations, scores, traces, type Database } from "@xtrace/db";
import { T0_US } from "./setup-query.ts";

type TraceValues = typeof traces.$inferInsert;
type ObservationValues = typeof observations.$inferInsert;
type ScoreValues = typeof scores.$inferInsert;

/** Rows as the worker would have left them, with the daily counts that belong to them. */
export async function insertTraces(
  db: Database,
  projectId: string,
  rows: ReadonlyArray<Partial<TraceValues>>,
): Promise<string[]> {
  const values = rows.map((row) => ({ id: randomUUID(), timestamp: T0_US, eventStamp: 0, ...row, projectId }));
  await db.insert(traces).values(values);
  await addDailyTraces(db, projectId, values.length);
  return values.map(({ id }) => id);
}

/** A row for each call: only the sum over the days is looked at. */
async function addDailyTraces(db: Database, projectId: string, traceCount: number): Promise<void> {
  nextDay += 1;
  const day = new Date(Date.UTC(2026, 0, nextDay)).toISOString().slice(0, "2026-01-01".length);
  await db.insert(dailyTraces).values({ projectId, day, traceCount });
}

let nextDay = 0;

/** Of one trace, which must exist. */
export async function insertObservations(
  db: Database,
  projectId: string,
  traceId: string,
  rows: ReadonlyArray<Partial<ObservationValues>>,
): Promise<string[]> {
  const values = rows.map((row) => ({ id: randomUUID(), startTime: T0_US, eventStamp: 0, ...row, projectId, traceId }));
  await db.insert(observations).values(values);
  const sums = { promptTokens: 0, completionTokens: 0, totalTokens: 0, totalCost: "0", traceCount: 1 };
  const usage = {
    projectId,
    day: "2026-01-01",
    type: "SPAN",
    model: traceId,
    observationCount: values.length,
    ...sums,
  };
  await db.insert(dailyUsage).values(usage);
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
  return values.map(({ id }) => id);
}
