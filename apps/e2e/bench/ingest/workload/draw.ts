import type { Random } from "../../../src/seeded-random.ts";

/** A number below `limit` where small ones are much more frequent, as users and sessions are. */
export function skewed(random: Random, limit: number): number {
  return Math.floor(random() ** 3 * limit);
}

/** `digits` lower-case hexadecimal digits; at most 8 at a time come from one number. */
export function hex(random: Random, digits: number): string {
  let text = "";
  while (text.length < digits) {
    text += Math.floor(random() * 4_294_967_296)
      .toString(16)
      .padStart(8, "0");
  }
  return text.slice(0, digits);
}
