import { createHash, timingSafeEqual } from "node:crypto";
import type { ApiKeyRecord, Scope } from "@xtrace/contract";

/** Who is asking, from the key alone. */
export type Identity = {
  readonly projectId: string;
  readonly scopes: readonly Scope[];
  /** Tells keys apart in limits and logs and gives nothing away: a prefix of a digest, or the public key. */
  readonly keyId: string;
};

export type KeyRing = {
  /** Resolves an Authorization header; `undefined` when it is missing, malformed or unknown. */
  identify(authorization: string | undefined): Identity | undefined;
  /** Takes effect for the next request. */
  replace(keys: readonly ApiKeyRecord[]): void;
};

/** SHA-256 in lower-case hex: how secrets are stored and compared. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret, "utf8").digest("hex");
}

/**
 * Keys in memory, so that authentication neither waits nor fails while a store is away.
 *
 * `fixed` keys come from the environment and stay; `replace` exchanges the others.
 */
export function createKeyRing(fixed: readonly ApiKeyRecord[]): KeyRing {
  let index = indexKeys(fixed);

  function identifyBasic(credentials: string): Identity | undefined {
    const decoded = Buffer.from(credentials, "base64").toString("utf8");
    const colon = decoded.indexOf(":");
    if (colon < 0) return undefined;
    const publicKey = decoded.slice(0, colon);
    const presented = hashSecret(decoded.slice(colon + 1));
    const key = index.byPublicKey.get(publicKey);
    // An unknown user costs the same comparison as a wrong secret.
    const matches = equalHex(presented, key?.secretHash ?? NO_SECRET);
    return key && matches ? identityOf(key) : undefined;
  }

  function identifyBearer(token: string): Identity | undefined {
    const presented = hashSecret(token);
    const key = index.bySecretHash.get(presented);
    if (key && equalHex(presented, key.secretHash)) return identityOf(key);
    const browserKey = index.byPublicKey.get(token);
    return browserKey ? { ...identityOf(browserKey), scopes: ["scores"] } : undefined;
  }

  return {
    identify(authorization) {
      const match = /^(basic|bearer)\s+(\S+)\s*$/i.exec(authorization ?? "");
      if (!match?.[1] || !match[2]) return undefined;
      return match[1].toLowerCase() === "basic" ? identifyBasic(match[2]) : identifyBearer(match[2]);
    },
    replace(keys) {
      index = indexKeys([...keys, ...fixed]);
    },
  };
}

const NO_SECRET = "0".repeat(64);

function indexKeys(keys: readonly ApiKeyRecord[]) {
  const byPublicKey = new Map<string, ApiKeyRecord>();
  const bySecretHash = new Map<string, ApiKeyRecord>();
  for (const key of keys) {
    if (key.publicKey !== null) byPublicKey.set(key.publicKey, key);
    bySecretHash.set(key.secretHash, key);
  }
  return { byPublicKey, bySecretHash };
}

function identityOf(key: ApiKeyRecord): Identity {
  return { projectId: key.projectId, scopes: key.scopes, keyId: key.publicKey ?? key.secretHash.slice(0, 12) };
}

function equalHex(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, "hex"), Buffer.from(b, "hex"));
}
