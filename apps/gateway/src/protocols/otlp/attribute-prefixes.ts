import { rememberByName } from "./remember-names.ts";

/*
 * Whether a span may have attributes below a prefix, told by one number, since conventions look below a
 * dozen of them and a span has one or two. Each dotted prefix of a name sets one of 32 bits, and a
 * prefix has its own bit and those of the prefixes before it: where one of these is missing there is nothing.
 */

const DOT = 46;

/** The bits of the prefixes of a name, or of a prefix, which ends in a dot. */
export const prefixBitsOf = rememberByName((name) => {
  let bits = 0;
  let hash = 0;
  for (let index = 0; index < name.length; index++) {
    const unit = name.charCodeAt(index);
    hash = (Math.imul(hash, 31) + unit) | 0;
    // Multiplied by 2^32 over the golden ratio, the upper bits come from all of the hash.
    if (unit === DOT) bits |= 1 << (Math.imul(hash, 0x9e37_79b1) >>> 27);
  }
  return bits;
});

export function prefixBitsOfAll(names: Iterable<string>): number {
  let bits = 0;
  for (const name of names) bits |= prefixBitsOf(name);
  return bits;
}

/** False only where no name begins like that. */
export function mayHoldBelow(prefixBits: number, prefix: string): boolean {
  const needed = prefixBitsOf(prefix);
  return (prefixBits & needed) === needed;
}
