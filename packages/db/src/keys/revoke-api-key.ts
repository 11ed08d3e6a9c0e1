import { and, eq, isNull, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { apiKeys } from "../schema/projects.ts";

/** Revokes a key by its public key; false when there is no such active key. Effective at each process's next refresh. */
export async function revokeApiKey(db: Database, publicKey: string): Promise<boolean> {
  const revoked = await db
    .update(apiKeys)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(apiKeys.publicKey, publicKey), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id });
  return revoked.length > 0;
}
