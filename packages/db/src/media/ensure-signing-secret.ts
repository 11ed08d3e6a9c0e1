import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { signingSecrets } from "../schema/signing-secrets.ts";

const SECRET_BYTES = 32;

/** The secret for `purpose`, the same for everybody who asks; made by the first one. `db` must not be a replica. */
export async function ensureSigningSecret(db: Database, purpose: string): Promise<string> {
  const find = async () => await db.select().from(signingSecrets).where(eq(signingSecrets.purpose, purpose));
  const [known] = await find();
  if (known) return known.secret;
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  await db.insert(signingSecrets).values({ purpose, secret }).onConflictDoNothing();
  const [made] = await find();
  if (!made) throw new Error(`the signing secret for ${purpose} vanished`);
  return made.secret;
}
