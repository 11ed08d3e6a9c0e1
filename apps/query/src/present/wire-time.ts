/** ISO 8601 in UTC with milliseconds, as every timestamp of an answer: `2026-01-02T03:04:05.678Z`. */
export function wireTime(timeUs: number): string {
  return new Date(Math.floor(timeUs / 1000)).toISOString();
}

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
