import { DAY_US, HOUR_US, type AnalyticsQuery, type Granularity } from "@xtrace/contract";
import { sql, type SQL } from "drizzle-orm";

/** The narrowest granularity that makes some fifty buckets of a range. Source: Langfuse's bounds. */
const AUTO: ReadonlyArray<readonly [below: number, granularity: Granularity]> = [
  [2 * HOUR_US, "minute"],
  [3 * DAY_US, "hour"],
  [60 * DAY_US, "day"],
  [365 * DAY_US, "week"],
];

/** `undefined` where no time dimension was asked for. */
export function granularityOf(query: AnalyticsQuery): Granularity | undefined {
  const asked = query.timeDimension?.granularity;
  if (asked !== "auto") return asked;
  const range = query.toTimestamp - query.fromTimestamp;
  return AUTO.find(([below]) => range < below)?.[1] ?? "month";
}

const STEPS = {
  minute: sql`interval '1 minute'`,
  hour: sql`interval '1 hour'`,
  day: sql`interval '1 day'`,
  week: sql`interval '7 days'`,
};

/** Start of the bucket of a `timestamptz`, in UTC whatever the session's time zone. */
export function bucketOf(granularity: Granularity, time: SQL): SQL {
  if (granularity === "month") return sql`date_trunc('month', ${time}, 'UTC')`;
  // A Monday, as weeks begin.
  return sql`date_bin(${STEPS[granularity]}, ${time}, timestamptz '1970-01-05T00:00:00Z')`;
}

/** How a bucket is written. Source: Langfuse, which writes a date for a day and longer. */
export function formatOf(granularity: Granularity): string {
  return granularity === "minute" || granularity === "hour" ? "YYYY-MM-DD HH24:MI:SS" : "YYYY-MM-DD";
}

/** The buckets that begin with the one of `fromUs` and end before the one of `toUs`, as they are written; the first `limit`. */
export function bucketsBetween(granularity: Granularity, fromUs: number, toUs: number, limit: number): string[] {
  const buckets: string[] = [];
  const end = startOf(granularity, toUs).getTime();
  let at = startOf(granularity, fromUs);
  while (at.getTime() < end && buckets.length < limit) {
    const text = at.toISOString();
    const isShort = granularity === "minute" || granularity === "hour";
    buckets.push(isShort ? `${text.slice(0, 10)} ${text.slice(11, 19)}` : text.slice(0, 10));
    at = next(granularity, at);
  }
  return buckets;
}

const MINUTE_MS = 60_000;
const STEP_MS = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: 1_440 * MINUTE_MS, week: 10_080 * MINUTE_MS } as const;
/** 1970-01-01 was a Thursday, and weeks begin on Monday. */
const FIRST_MONDAY_MS = 4 * STEP_MS.day;

function startOf(granularity: Granularity, timeUs: number): Date {
  const ms = Math.floor(timeUs / 1000);
  if (granularity === "month") {
    const date = new Date(ms);
    return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth()));
  }
  const offset = granularity === "week" ? FIRST_MONDAY_MS : 0;
  const step = STEP_MS[granularity];
  return new Date(Math.floor((ms - offset) / step) * step + offset);
}

function next(granularity: Granularity, start: Date): Date {
  if (granularity === "month") return new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1));
  return new Date(start.getTime() + STEP_MS[granularity]);
}
