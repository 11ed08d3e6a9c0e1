import { and, asc, eq, inArray, or, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { hoursOfGone, type GoneHour } from "../counts/gone-hours.ts";
import { deleteMediaOfTraces } from "../media/delete-media-of-traces.ts";
import { deleteScoresWhere } from "../scores/delete-scores.ts";
import { comments } from "../schema/comments.ts";
import { observations } from "../schema/observations.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import { applyRollups, forgetEmptyRollups } from "../write/apply-rollups.ts";
import { forgetPlans } from "../write/forget-plans.ts";
import { lostRollups } from "../write/lost-rollups.ts";
import { readTraceUsage } from "../write/trace-usage.ts";
import { traceIdCandidates } from "./trace-id-candidates.ts";

/** Traces of one transaction: writers of any of them wait until its end. */
const MAX_TRACES = 100;
/** Observations of one transaction, unless one trace alone has more. */
const MAX_OBSERVATIONS = 10_000;
/** Observations of one statement, so that none runs into the statement timeout. */
const SLICE = 5_000;

type Doomed = { readonly id: string; readonly observationCount: number };

/**
 * Deletes traces with all that hangs under them, and takes them out of every rollup: what is read afterwards is
 * what it would be had they never come. Returns how many there were; ids that are not stored are ignored.
 *
 * Each trace goes whole or stays whole. Many go in several transactions, so after a failure some are gone and the
 * call may be repeated. Locks are taken in the order of the writers. An event that a worker writes afterwards
 * brings its trace back, with no more than what that event says.
 */
export async function deleteTraces(
  db: Database,
  query: { readonly projectId: string; readonly traceIds: readonly string[] },
): Promise<number> {
  const { projectId } = query;
  let deleted = 0;
  for (const batch of batchesOf(await findDoomed(db, query))) {
    deleted += await db.transaction(async (tx) => await deleteBatch(tx, projectId, batch));
  }
  return deleted;
}

/** Each by its id as stored, else by the other spelling of a UUID. Primary key look-ups. */
async function findDoomed(
  db: Database,
  query: { readonly projectId: string; readonly traceIds: readonly string[] },
): Promise<Doomed[]> {
  const candidates = query.traceIds.map(traceIdCandidates);
  const rows = await db
    .select({ id: traces.id, observationCount: traces.observationCount })
    .from(traces)
    .where(
      and(eq(traces.projectId, query.projectId), sql`${traces.id} = any(${sql.param(candidates.flat())}::text[])`),
    );
  const stored = new Map(rows.map((row) => [row.id, row]));
  const found = candidates.flatMap((ids) => ids.map((id) => stored.get(id)).find((row) => row !== undefined) ?? []);
  return [...new Set(found)];
}

function batchesOf(doomed: readonly Doomed[]): string[][] {
  const batches: string[][] = [];
  let observationCount = 0;
  for (const trace of doomed) {
    const last = batches.at(-1);
    observationCount += trace.observationCount;
    if (last && last.length < MAX_TRACES && observationCount <= MAX_OBSERVATIONS) {
      last.push(trace.id);
    } else {
      batches.push([trace.id]);
      observationCount = trace.observationCount;
    }
  }
  return batches;
}

async function deleteBatch(tx: Database, projectId: string, traceIds: readonly string[]): Promise<number> {
  await forgetPlans(tx);
  const { id, timestamp, name, environment, release, version } = traces;
  const rows = await tx
    .select({ projectId: traces.projectId, id, timestamp, name, environment, release, version })
    .from(traces)
    .where(and(eq(traces.projectId, projectId), sql`${id} = any(${sql.param(traceIds)}::text[])`))
    .orderBy(asc(id))
    .for("update");
  // Only what is locked: one that was deleted meanwhile may come back while this runs.
  const locked = rows.map((row) => row.id);
  const isLocked = sql`= any(${sql.param(locked)}::text[])`;
  const used = await readTraceUsage(
    tx,
    locked.map((traceId) => ({ projectId, traceId })),
  );
  await deleteComments(tx, projectId, locked);
  await deleteMediaOfTraces(tx, { projectId, traceIds: locked });
  const gone: GoneHour[] = rows.map((row) => ({ count: "traceCount", timeUs: row.timestamp, rows: 1 }));
  gone.push(...(await deleteObservations(tx, projectId, locked)));
  gone.push(...(await deleteScoresWhere(tx, projectId, sql`${scores.traceId} ${isLocked}`)));
  await tx.delete(traces).where(and(eq(traces.projectId, projectId), sql`${id} ${isLocked}`));
  const lost = { ...lostRollups(rows, used), hourly: hoursOfGone(projectId, gone) };
  await applyRollups(tx, lost);
  await forgetEmptyRollups(tx, lost);
  return rows.length;
}

/** On the traces and on what is in them. */
async function deleteComments(tx: Database, projectId: string, traceIds: readonly string[]): Promise<void> {
  const isOfBatch = sql`= any(${sql.param(traceIds)}::text[])`;
  const inBatch = tx
    .select({ id: observations.id })
    .from(observations)
    .where(and(eq(observations.projectId, projectId), sql`${observations.traceId} ${isOfBatch}`));
  const onTraces = and(eq(comments.objectType, "TRACE"), sql`${comments.objectId} ${isOfBatch}`);
  const onObservations = and(eq(comments.objectType, "OBSERVATION"), inArray(comments.objectId, inBatch));
  await tx.delete(comments).where(and(eq(comments.projectId, projectId), or(onTraces, onObservations)));
}

/** Nobody else writes them meanwhile: whoever does holds their trace. */
async function deleteObservations(tx: Database, projectId: string, traceIds: readonly string[]): Promise<GoneHour[]> {
  const gone: GoneHour[] = [];
  for (;;) {
    const hours = await tx.execute<{ hour_us: string; rows: number }>(sql`
      with gone as (
        delete from ${observations} where ctid = any(array(
          select ctid from ${observations}
          where project_id = ${projectId} and trace_id = any(${sql.param(traceIds)}::text[]) limit ${SLICE}))
        returning start_time
      )
      select extract(epoch from date_trunc('hour', start_time, 'UTC'))::bigint * 1000000 as hour_us, count(*)::int as rows
      from gone group by 1`);
    gone.push(
      ...hours.map((row) => ({ count: "observationCount" as const, timeUs: Number(row.hour_us), rows: row.rows })),
    );
    if (hours.reduce((sum, { rows }) => sum + rows, 0) < SLICE) return gone;
  }
}
