import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Scope } from "@xtrace/contract";
import type { Database } from "../client.ts";
import { apiKeys, projects } from "../schema/projects.ts";

/** The secret is here and nowhere else: only its digest is stored. */
export type CreatedApiKey = { readonly id: string; readonly publicKey: string; readonly secretKey: string };

const SECRET_BYTES = 32;

/** Makes a key pair, and the project too if it is new. */
export async function createApiKey(
  db: Database,
  options: { projectId: string; projectName?: string; scopes: readonly Scope[] },
): Promise<CreatedApiKey> {
  const publicKey = `pk-lf-${randomUUID()}`;
  const secretKey = `sk-lf-${randomBytes(SECRET_BYTES).toString("base64url")}`;
  const id = randomUUID();
  await db.transaction(async (tx) => {
    const name = options.projectName ?? options.projectId;
    await tx.insert(projects).values({ id: options.projectId, name }).onConflictDoNothing();
    await tx.insert(apiKeys).values({
      id,
      projectId: options.projectId,
      publicKey,
      secretHash: createHash("sha256").update(secretKey).digest("hex"),
      secretHint: secretKey.slice(-4),
      scopes: [...options.scopes],
    });
  });
  return { id, publicKey, secretKey };
}
