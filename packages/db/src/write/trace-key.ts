/** As `keyTextOf` of the key of `traces`, which half of a batch's steps look up by. */
export function traceKey(projectId: string, traceId: string): string {
  return `${projectId}\u0000${traceId}`;
}
