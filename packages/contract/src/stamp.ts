/**
 * How strongly a source speaks for a field. A stronger source wins whatever the times are:
 * an OTLP root span names its trace only as long as nobody named it explicitly.
 */
export type Rank = "inferred" | "derived" | "explicit";

/** Wider than any time in microseconds until the year 2096, and three bands fit a safe integer. */
const BAND_US = 4_000_000_000_000_000;

const BAND: Record<Rank, number> = { inferred: -2 * BAND_US, derived: -BAND_US, explicit: 0 };

/**
 * The version of one written field: rank first, then event time in Unix epoch microseconds.
 *
 * A single safe integer, so that it compares with `<`, fits a PostgreSQL `bigint` and survives
 * JSON on its way through the queue.
 */
export type Stamp = number;

export function stampOf(timeUs: number, rank: Rank = "explicit"): Stamp {
  return BAND[rank] + Math.min(Math.max(Math.trunc(timeUs), 0), BAND_US - 1);
}

export function rankOf(stamp: Stamp): Rank {
  if (stamp >= 0) return "explicit";
  return stamp >= -BAND_US ? "derived" : "inferred";
}

/** The event time of a stamp, Unix epoch microseconds. */
export function timeOfStamp(stamp: Stamp): number {
  return stamp - BAND[rankOf(stamp)];
}
