type Placed = { readonly createdAt: number; readonly id: string };

/** The first `limit` of two lists that are each by time and then by id, descending. */
export function newestFirst<Row extends Placed>(a: readonly Row[], b: readonly Row[], limit: number): Row[] {
  return [...a, ...b]
    .toSorted((one, other) => other.createdAt - one.createdAt || compare(other.id, one.id))
    .slice(0, limit);
}

/** As COLLATE "C" does it, within the BMP. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
