/** The first `limit` of two lists that are each by a time and then by id, descending. */
export function newestFirst<Row extends { readonly id: string }>(
  a: readonly Row[],
  b: readonly Row[],
  { timeOf, limit }: { readonly timeOf: (row: Row) => number; readonly limit: number },
): Row[] {
  return [...a, ...b]
    .toSorted((one, other) => timeOf(other) - timeOf(one) || compare(other.id, one.id))
    .slice(0, limit);
}

/** As COLLATE "C" does it, within the BMP. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
