/** In microseconds, as all times here. */
export const MINUTE_US = 60_000_000;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;

/** ISO 8601 in UTC with microseconds, which `timestamptz` reads without loss: `2026-01-02T03:04:05.678901Z`. */
export function isoFromUs(timeUs: number): string {
  const ms = Math.floor(timeUs / 1000);
  const restUs = timeUs - ms * 1000;
  const iso = new Date(ms).toISOString();
  return restUs === 0 ? iso : `${iso.slice(0, -1)}${String(restUs).padStart(3, "0")}Z`;
}

/**
 * Unix epoch microseconds of an ISO 8601 time with an offset or `Z`; digits past the sixth decimal are cut.
 * Returns `undefined` for anything else, and for a time without an offset, which would depend on the server's zone.
 */
export function usFromIso(text: string): number | undefined {
  if (MILLISECONDS.test(text)) {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? undefined : ms * 1000;
  }
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, head, fraction = "", zone] = match;
  const ms = Date.parse(`${head?.replace(" ", "T")}${normalizeZone(zone ?? "")}`);
  if (Number.isNaN(ms)) return undefined;
  return ms * 1000 + Number(fraction.slice(0, 6).padEnd(6, "0"));
}

/** What `Date.toISOString` writes, and so nearly every time that comes. `Date.parse` reads it as it is. */
const MILLISECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const ISO = /^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|z|[+-]\d{2}(?::?\d{2})?)$/;

/** PostgreSQL prints `+00` and ISO allows `+0000`; `Date.parse` wants `+00:00`. */
function normalizeZone(zone: string): string {
  if (zone === "Z" || zone === "z") return "Z";
  const digits = zone.slice(1).replace(":", "");
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2) || "00"}`;
}
