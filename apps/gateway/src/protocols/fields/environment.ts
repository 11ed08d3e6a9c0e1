const MAX_LENGTH = 40;

/**
 * The form in which environments are compared: a lower-case word of at most 40 characters that does
 * not begin like those which Langfuse names itself. What cannot be brought into it is `default`.
 *
 * Source: Langfuse's rules for environment names.
 */
export function normalizeEnvironment(environment: string): string {
  if (NORMAL.test(environment) && !environment.startsWith("langfuse")) return environment;
  // Cut first: lower-casing a megabyte to keep 40 characters of it would be wasted.
  const normal = environment
    .slice(0, 2 * MAX_LENGTH)
    .toLowerCase()
    .replace(/^(?:langfuse[-_]?)+/, "")
    .slice(0, MAX_LENGTH);
  return NORMAL.test(normal) ? normal : "default";
}

const NORMAL = /^[a-z0-9_-]{1,40}$/;
