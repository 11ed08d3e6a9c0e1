import type { ErrorDetail } from "@xtrace/contract";
import { AppError, detailsOf } from "@xtrace/runtime";
import type { z } from "zod";

/** The items of a request that could not be used; the others are stored. */
export type Rejections = {
  count: number;
  /** Which field of which item, and why; of the first ones only. Never a value. */
  readonly details: ErrorDetail[];
};

const MAX_DETAILS = 20;

/**
 * Beyond it a request is no honest mistake. A body of a few kilobytes inflates to millions of tiny bad
 * items, and at some 15 µs for each to be judged they would hold up everybody else for a minute.
 */
const MAX_REJECTED = 10_000;

export function noRejections(): Rejections {
  return { count: 0, details: [] };
}

/** Throws BAD_REQUEST, refusing the whole request, when it is one bad item too many. */
export function reject(rejections: Rejections, itemPath: string, error: z.ZodError): void {
  rejections.count += 1;
  if (rejections.details.length < MAX_DETAILS) {
    for (const { path, message } of detailsOf(error)) {
      rejections.details.push({ path: path === "" ? itemPath : `${itemPath}.${path}`, message });
    }
  }
  refuseTooManyBad(rejections.count, rejections.details);
}

export function refuseTooManyBad(count: number, details: readonly ErrorDetail[] = []): void {
  if (count <= MAX_REJECTED) return;
  throw new AppError("BAD_REQUEST", `More than ${MAX_REJECTED} items of the request are invalid`, { details });
}
