const MINUTE_MS = 60_000;
let lastMinute = { number: Number.NaN, text: "" };

/**
 * ISO 8601 in UTC with milliseconds, as every timestamp of an answer: `2026-01-02T03:04:05.678Z`.
 * Remembers the last minute: the times of one answer lie together, and a `Date` for each was a sixth of a large trace's.
 */
export function wireTime(timeUs: number): string {
  const ms = Math.floor(timeUs / 1000);
  const number = Math.floor(ms / MINUTE_MS);
  // Without "00.000Z".
  if (number !== lastMinute.number)
    lastMinute = { number, text: new Date(number * MINUTE_MS).toISOString().slice(0, -7) };
  const rest = ms - number * MINUTE_MS;
  const seconds = Math.floor(rest / 1000);
  const thousandths = rest - seconds * 1000;
  return `${lastMinute.text}${seconds < 10 ? "0" : ""}${seconds}.${PADDING[thousandths] ?? ""}${thousandths}Z`;
}

/** What a number below 100 lacks to three digits. */
const PADDING = Array.from({ length: 100 }, (_, n) => (n < 10 ? "00" : "0"));

export function wireTimeOrNull(timeUs: number | null): string | null {
  return timeUs === null ? null : wireTime(timeUs);
}

/**
 * An end as it is answered: what ended before it started did so at once. It is kept as it was sent, since a
 * later event may still bring the start forward.
 */
export function endNotBefore(startUs: number, endUs: number | null): number | null {
  return endUs === null ? null : Math.max(startUs, endUs);
}

/** Seconds, as latencies are answered. `null` where one of the two is not known. */
export function secondsBetween(fromUs: number, toUs: number | null): number | null {
  return toUs === null ? null : (toUs - fromUs) / 1_000_000;
}
