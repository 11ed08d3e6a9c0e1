/**
 * Environments are lower-case words of at most 40 characters, and may not begin like the
 * ones that the server names itself. Anything else counts as `default`.
 *
 * Source: Langfuse's rules for environment names.
 */
export function environmentOf(sent: string | null | undefined): string | undefined {
  if (sent === undefined || sent === null) return undefined;
  // Cut first: lower-casing a megabyte to keep 40 characters of it would be wasted.
  const name = sent
    .slice(0, 80)
    .toLowerCase()
    .replace(/^langfuse/, "")
    .slice(0, MAX_LENGTH);
  return /^[a-z0-9_-]+$/.test(name) ? name : "default";
}

const MAX_LENGTH = 40;
