/*
 * OTLP times are unsigned 64-bit nanoseconds since the Unix epoch, beyond what a double holds.
 * All become whole microseconds, cut, and at most the largest safe integer (the year 2255).
 */

/** From the two halves of a fixed64. */
export function usFromHalves(low: number, high: number): number {
  // 2^32 = 4,294,967 × 1,000 + 296, so no intermediate leaves the safe range for a time until 2255.
  const us = high * 4_294_967 + Math.floor((high * 296 + low) / 1_000);
  return Math.min(us, Number.MAX_SAFE_INTEGER);
}

/** From decimal text or a JSON number, which has lost some nanoseconds already; 0 for anything else. */
export function usFromJson(value: unknown): number {
  if (typeof value === "string" && DECIMAL.test(value)) return clamp(Number(value.slice(0, -3)));
  const nanos = typeof value === "string" || typeof value === "number" ? Number(value) : 0;
  return clamp(Math.floor(nanos / 1_000));
}

const DECIMAL = /^\d{1,20}$/;

function clamp(us: number): number {
  return us > 0 ? Math.min(us, Number.MAX_SAFE_INTEGER) : 0;
}
