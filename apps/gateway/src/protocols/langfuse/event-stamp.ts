import { stampOf, type Stamp } from "@xtrace/contract";

/** Half of the microseconds of a millisecond: creates lie in the first half, updates in the second. */
const UPDATE_OFFSET_US = 500;

/**
 * The stamp of an event, in the order in which Langfuse applies a batch: by time, then creates before
 * updates, then as the batch has them.
 *
 * SDKs stamp in milliseconds and write several events of one entity in one, so the microseconds below
 * are free to say the rest. A time that has microseconds of its own is taken at its word, but for updates
 * sorting behind.
 *
 * `place`: how many events of the same entity stand before it in the batch.
 */
export function eventStamp(timeUs: number, options: { readonly isUpdate: boolean; readonly place: number }): Stamp {
  const { isUpdate, place } = options;
  if (timeUs % 1_000 !== 0) return stampOf(isUpdate ? timeUs + 1 : timeUs);
  return stampOf(timeUs + (isUpdate ? UPDATE_OFFSET_US : 0) + Math.min(place, UPDATE_OFFSET_US - 1));
}
