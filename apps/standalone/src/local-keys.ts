import { randomBytes, randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, ConfigError, messageOf, type KeyEnv } from "@xtrace/runtime";
import { z } from "zod";

const LocalKeys = z.object({ publicKey: z.string(), secretKey: z.string(), bearerToken: z.string() });
export type LocalKeys = z.infer<typeof LocalKeys>;

const FILE = "keys.json";

/** Whether the environment names keys itself; then none are made. */
export function hasOwnKeys(env: KeyEnv): boolean {
  return [env.API_BEARER_TOKEN, env.XTRACE_PUBLIC_KEY, env.LANGFUSE_PUBLIC_KEY, env.XTRACE_API_KEYS].some(Boolean);
}

/**
 * The keys of this data folder, made at the first start and the same ever after. In a file that only
 * its owner may read: unlike stored keys, these are shown again at every start.
 */
export async function localKeys(dataDir: string): Promise<LocalKeys> {
  const path = join(dataDir, FILE);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    if (codeOf(cause) === "ENOENT") return undefined;
    throw new ConfigError(`Cannot read ${path}: ${messageOf(cause)}`, { cause });
  });
  if (text !== undefined) return parseKeys(path, text);
  const keys = {
    publicKey: `pk-lf-${randomUUID()}`,
    secretKey: `sk-lf-${randomUUID()}`,
    bearerToken: randomBytes(24).toString("base64url"),
  };
  await writeFile(path, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  return keys;
}

function parseKeys(path: string, text: string): LocalKeys {
  try {
    return LocalKeys.parse(JSON.parse(text));
  } catch (cause) {
    throw new ConfigError(`${path} is damaged: remove it, and new keys are made`, { cause });
  }
}
