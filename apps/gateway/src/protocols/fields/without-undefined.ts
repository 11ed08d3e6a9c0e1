/**
 * In a canonical event a field that says nothing is an absent key, also before JSON has dropped it.
 * For objects with keys of our own choosing only: a key `__proto__` would not survive.
 *
 * Give it a literal that names every property: one spread in a literal of 25 makes V8 build it as a
 * dictionary, and decoding a trace with one generation took 36 µs instead of 12 (Node 20).
 */
export function withoutUndefined<T extends object>(event: T): T {
  const said: Partial<T> = {};
  for (const key in event) if (event[key] !== undefined) said[key] = event[key];
  // What is left out was undefined, which T's optional keys allow.
  return said as T;
}
