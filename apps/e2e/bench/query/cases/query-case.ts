/** Asks the API for a path below /api/public and returns the body. */
export type Get = (path: string) => Promise<unknown>;

/** One question that is asked many times, each time a little differently. */
export type QueryCase = {
  readonly name: string;
  /** What is asked in the nth sample. May ask something itself first, such as a cursor, which is not measured. */
  readonly paths: (sample: number, get: Get) => string | Promise<string>;
  /** p95 in milliseconds. */
  readonly barMs: number;
};

export const BAR_MS = 50;
export const LARGE_DETAIL_BAR_MS = 300;

/** Values of the skewed columns: the five most common take turns, so that no request is the one before. */
export function among(count: number, sample: number): number {
  return sample % Math.min(count, 5);
}

/** Varies the page size around 50, for filters whose value stays. */
export function limitOf(sample: number): number {
  return 26 + (sample % 50);
}

/** A midnight `daysBack` days before `end`. */
export function dayBefore(end: string, daysBack: number): string {
  return new Date(Date.parse(end) - daysBack * 86_400_000).toISOString();
}
