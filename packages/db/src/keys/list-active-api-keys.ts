import type { ApiKeyRecord } from "@xtrace/contract";
import { isNull } from "drizzle-orm";
import type { Database } from "../client.ts";
import { apiKeys } from "../schema/projects.ts";

/** All keys that are not revoked, of every project: what an authenticating process holds in memory. */
export async function listActiveApiKeys(db: Database): Promise<ApiKeyRecord[]> {
  return await db
    .select({
      projectId: apiKeys.projectId,
      publicKey: apiKeys.publicKey,
      secretHash: apiKeys.secretHash,
      scopes: apiKeys.scopes,
    })
    .from(apiKeys)
    .where(isNull(apiKeys.revokedAt));
}
