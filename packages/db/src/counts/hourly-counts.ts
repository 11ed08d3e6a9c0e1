import { HOUR_US } from "@xtrace/contract";
import { and, asc, desc, eq, gt, gte, lt, sql, type SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Database } from "../client.ts";
import { observations } from "../schema/observations.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import { hourlyCounts } from "../schema/usage.ts";
import { nextHour, startOfHour } from "./hour.ts";

type Counted = { table: PgTable; projectId: PgColumn; time: PgColumn; count: PgColumn };

const COUNTED = {
  traces: { table: traces, projectId: traces.projectId, time: traces.timestamp, count: hourlyCounts.traceCount },
  observations: {
    table: observations,
    projectId: observations.projectId,
    time: observations.startTime,
    count: hourlyCounts.observationCount,
  },
  scores: { table: scores, projectId: scores.projectId, time: scores.timestamp, count: hourlyCounts.scoreCount },
} as const satisfies Record<string, Counted>;

/** Unix epoch microseconds: at or after, and before. */
export type TimeRange = { readonly fromUs?: number | undefined; readonly toUs?: number | undefined };

type RangeQuery = { readonly projectId: string; readonly of: keyof typeof COUNTED; readonly range: TimeRange };

/** How many rows of a project fall into a range of time, exactly: whole hours from their counts, the rest row by row. */
export async function countInRange(db: Database, query: RangeQuery): Promise<number> {
  const { whole, edges } = split(query.range);
  const counts = await Promise.all([
    whole === null ? 0 : sumOfHours(db, query, whole),
    ...edges.map((edge) => countRows(db, query, edge)),
  ]);
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Where a page begins: `offset` rows into what is left of the range. */
export type PageStart = { readonly range: TimeRange; readonly offset: number };

/** Walking past fewer rows costs no more than asking how to avoid it. */
const WORTH_SKIPPING = 500;

/**
 * Skips the whole hours that lie before row `offset` of a list by time, so that a page costs the same at
 * any depth: what remains to be walked past is less than an hour's rows. `null` when nothing is there.
 */
export async function skipHours(
  db: Database,
  query: RangeQuery & { readonly direction: "asc" | "desc"; readonly offset: number },
): Promise<PageStart | null> {
  const { range, direction, offset } = query;
  const { whole, edges } = split(range);
  if (offset < WORTH_SKIPPING || whole === null) return { range, offset };

  // The part of an hour that comes before the whole ones.
  const first = edges.find((edge) => (direction === "desc" ? edge.fromUs === whole.toUs : edge.toUs === whole.fromUs));
  const beforeHours = first ? await countRows(db, query, first) : 0;
  if (offset < beforeHours) return { range, offset };

  const hour = await hourAt(db, { ...query, range: whole, offset: offset - beforeHours });
  if (!hour) {
    // Behind all whole hours: what is left is the part of an hour after them, if the range has one.
    const end = direction === "desc" ? whole.fromUs : whole.toUs;
    if (end === undefined) return null;
    const passed = beforeHours + (await sumOfHours(db, query, whole));
    const rest = direction === "desc" ? { ...range, toUs: end } : { ...range, fromUs: end };
    return { range: rest, offset: offset - passed };
  }
  const rest = direction === "desc" ? { ...range, toUs: hour.startUs + HOUR_US } : { ...range, fromUs: hour.startUs };
  return { range: rest, offset: offset - beforeHours - hour.rowsBefore };
}

/** The whole hours of a range, `null` for none, and the parts of hours at its ends. */
function split({ fromUs, toUs }: TimeRange): {
  readonly whole: TimeRange | null;
  readonly edges: readonly TimeRange[];
} {
  const firstUs = fromUs === undefined ? undefined : nextHour(fromUs);
  const endUs = toUs === undefined ? undefined : startOfHour(toUs);
  if (firstUs !== undefined && endUs !== undefined && firstUs >= endUs) {
    return { whole: null, edges: [{ fromUs, toUs }] };
  }
  return {
    whole: { fromUs: firstUs, toUs: endUs },
    edges: [
      ...(firstUs === fromUs ? [] : [{ fromUs, toUs: firstUs }]),
      ...(endUs === toUs ? [] : [{ fromUs: endUs, toUs }]),
    ],
  };
}

async function sumOfHours(db: Database, { projectId, of }: RangeQuery, whole: TimeRange): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`coalesce(sum(${COUNTED[of].count}), 0)`.mapWith(Number) })
    .from(hourlyCounts)
    .where(hoursIn(projectId, whole));
  return row?.count ?? 0;
}

async function countRows(db: Database, { projectId, of }: RangeQuery, range: TimeRange): Promise<number> {
  const { table, projectId: project, time } = COUNTED[of];
  const [row] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(table)
    .where(and(eq(project, projectId), within(time, range)));
  return row?.count ?? 0;
}

/** The hour that row `offset` falls into, and how many rows the hours before it hold. */
async function hourAt(
  db: Database,
  { projectId, of, range, direction, offset }: RangeQuery & { direction: "asc" | "desc"; offset: number },
): Promise<{ readonly startUs: number; readonly rowsBefore: number } | undefined> {
  const { count } = COUNTED[of];
  const order = direction === "desc" ? desc(hourlyCounts.hour) : asc(hourlyCounts.hour);
  const running = db
    .select({ hour: hourlyCounts.hour, count, upTo: sql<number>`sum(${count}) over (order by ${order})`.as("up_to") })
    .from(hourlyCounts)
    .where(and(hoursIn(projectId, range), gt(count, 0)))
    .as("running");
  const [row] = await db
    .select({ startUs: running.hour, rowsBefore: sql<number>`${running.upTo} - ${running.count}`.mapWith(Number) })
    .from(running)
    .where(gt(running.upTo, offset))
    .orderBy(running.upTo)
    .limit(1);
  return row;
}

function hoursIn(projectId: string, whole: TimeRange): SQL | undefined {
  return and(eq(hourlyCounts.projectId, projectId), within(hourlyCounts.hour, whole));
}

function within(time: PgColumn, { fromUs, toUs }: TimeRange): SQL | undefined {
  return and(fromUs === undefined ? undefined : gte(time, fromUs), toUs === undefined ? undefined : lt(time, toUs));
}
