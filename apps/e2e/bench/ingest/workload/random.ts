/** Numbers in [0, 1) that are the same for the same seed on every machine. */
export type Random = () => number;

/** Source: mulberry32, public domain. Good enough to vary text; not for anything else. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

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
