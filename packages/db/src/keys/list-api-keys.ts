import { isoFromUs } from "@xtrace/contract";
import { asc, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { apiKeys } from "../schema/projects.ts";

/** A key as people see it: what tells it from others, and nothing that would let anybody in. */
export type ListedApiKey = {
  readonly projectId: string;
  readonly publicKey: string | null;
  readonly secretHint: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly revokedAt: string | null;
};

/** Keys in the order of their making, the revoked ones too. */
export async function listApiKeys(db: Database, projectId?: string): Promise<ListedApiKey[]> {
  const rows = await db
    .select()
    .from(apiKeys)
    .where(projectId === undefined ? undefined : eq(apiKeys.projectId, projectId))
    .orderBy(asc(apiKeys.createdAt), asc(apiKeys.id));
  return rows.map((row) => ({
    projectId: row.projectId,
    publicKey: row.publicKey,
    secretHint: `…${row.secretHint}`,
    scopes: row.scopes,
    createdAt: isoFromUs(row.createdAt),
    revokedAt: row.revokedAt === null ? null : isoFromUs(row.revokedAt),
  }));
}
