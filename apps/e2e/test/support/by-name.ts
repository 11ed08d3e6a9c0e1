/** Of observations or scores: what began in the same millisecond comes in any order. Throws for a name that is not there. */
export function byName<T extends { readonly name?: string | null | undefined }>(
  items: readonly T[],
): (name: string) => T {
  return (name) => {
    const found = items.find((item) => item.name === name);
    if (!found) throw new Error(`${name} is not among ${items.map((item) => item.name).join(", ")}`);
    return found;
  };
}
