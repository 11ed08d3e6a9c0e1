import { HOUR_US } from "@xtrace/contract";

/** The start of the UTC hour that a time falls into; both in Unix epoch microseconds. */
export function startOfHour(timeUs: number): number {
  return Math.floor(timeUs / HOUR_US) * HOUR_US;
}

/** The first start of an hour at or after a time. */
export function nextHour(timeUs: number): number {
  return Math.ceil(timeUs / HOUR_US) * HOUR_US;
}
