/** As `keyTextOf` of the key of `traces`, which half of a batch's steps look up by. */
export function traceKey(projectId: string, traceId: string): string {
  return `${projectId}\u0000${traceId}`;
}

/** What belongs to each trace, by `traceKey`, in the order given. */
export function byTrace<Item extends { readonly projectId: string; readonly traceId: string }>(
  items: readonly Item[],
): ReadonlyMap<string, readonly Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of items) {
    const key = traceKey(item.projectId, item.traceId);
    const others = found.get(key);
    if (others) others.push(item);
    else found.set(key, [item]);
  }
  return found;
}
