/**
 * Reads the one parameter of a database URL that is ours: `?pgbouncer=true` says that a pooler in
 * transaction mode is in between, as Prisma's URLs say it. The driver would send it to the server.
 *
 * Such a pooler hands every transaction to whatever connection is free, so nothing may live in a session:
 * no named statements, and no settings at the connection's start, which it refuses.
 */
export function connectionOf(url: string): { readonly url: string; readonly isPooled: boolean } {
  const parsed = new URL(url);
  const value = parsed.searchParams.get("pgbouncer");
  if (value === null) return { url, isPooled: false };
  parsed.searchParams.delete("pgbouncer");
  return { url: parsed.href, isPooled: value !== "false" && value !== "0" };
}
