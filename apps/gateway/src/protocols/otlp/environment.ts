const MAX_LENGTH = 40;

/**
 * The form in which environments are compared. What cannot be brought into it is `default`.
 *
 * Source: Langfuse, which reserves the prefix `langfuse` for itself.
 */
export function normalizeEnvironment(environment: string): string {
  // Cut first: an environment on a resource is read for each of its spans, however long it is.
  const normal = environment
    .slice(0, 2 * MAX_LENGTH)
    .toLowerCase()
    .replace(/^(?:langfuse[-_]?)+/, "")
    .slice(0, MAX_LENGTH);
  return /^[a-z0-9_-]+$/.test(normal) ? normal : "default";
}
