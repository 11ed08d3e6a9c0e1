import type { ApiKeyRecord } from "@xtrace/contract";
import { z } from "zod";
import { ConfigError, envFlag } from "./env.ts";
import { hashSecret } from "./key-ring.ts";

/** The settings that name keys, the same for every app that authenticates. Names as in the Rust system. */
export const KeyEnv = z.object({
  API_BEARER_TOKEN: z
    .string()
    .optional()
    .describe("Bearer token of the default project; may read, write and administrate."),
  XTRACE_PUBLIC_KEY: z
    .string()
    .optional()
    .describe("Public key of the default project (Basic user name). LANGFUSE_PUBLIC_KEY works too."),
  XTRACE_SECRET_KEY: z
    .string()
    .optional()
    .describe("Secret key of the default project (Basic password). LANGFUSE_SECRET_KEY works too."),
  LANGFUSE_PUBLIC_KEY: z.string().optional().describe("Used when XTRACE_PUBLIC_KEY is not set."),
  LANGFUSE_SECRET_KEY: z.string().optional().describe("Used when XTRACE_SECRET_KEY is not set."),
  DEFAULT_PROJECT_ID: z.string().min(1).default("default").describe("The project of the keys above."),
  XTRACE_API_KEYS: z
    .string()
    .optional()
    .describe("Keys of further projects: `projectId:publicKey:secretKey`, separated by commas."),
  XTRACE_ALLOW_UNAUTHENTICATED_COMPAT: envFlag(false).describe(
    "OTLP and `GET /projects` work without a key, on the default project, while no key pair is set.",
  ),
});
export type KeyEnv = z.infer<typeof KeyEnv>;

/** The fixed keys of this process. Throws ConfigError for half a pair or a malformed list. */
export function keysFromEnv(env: KeyEnv): ApiKeyRecord[] {
  const keys: ApiKeyRecord[] = [];
  const projectId = env.DEFAULT_PROJECT_ID;
  if (env.API_BEARER_TOKEN !== undefined) keys.push(fullKey(projectId, null, env.API_BEARER_TOKEN));

  const publicKey = env.XTRACE_PUBLIC_KEY ?? env.LANGFUSE_PUBLIC_KEY;
  const secretKey = env.XTRACE_SECRET_KEY ?? env.LANGFUSE_SECRET_KEY;
  if ((publicKey === undefined) !== (secretKey === undefined)) {
    throw new ConfigError("XTRACE_PUBLIC_KEY and XTRACE_SECRET_KEY: set both or neither");
  }
  if (publicKey !== undefined && secretKey !== undefined) keys.push(fullKey(projectId, publicKey, secretKey));

  for (const entry of (env.XTRACE_API_KEYS ?? "").split(",").map((part) => part.trim())) {
    if (entry === "") continue;
    const [project, pk, sk, ...rest] = entry.split(":");
    if (!project || !pk || !sk || rest.length > 0) {
      throw new ConfigError("XTRACE_API_KEYS: expected projectId:publicKey:secretKey, separated by commas");
    }
    keys.push(fullKey(project, pk, sk));
  }
  return keys;
}

/** The project of requests without a key on the paths that allow it; `null`, as by default, refuses them. */
export function openProjectFromEnv(env: KeyEnv): string | null {
  const hasPair = keysFromEnv(env).some(({ publicKey }) => publicKey !== null);
  return env.XTRACE_ALLOW_UNAUTHENTICATED_COMPAT && !hasPair ? env.DEFAULT_PROJECT_ID : null;
}

function fullKey(projectId: string, publicKey: string | null, secret: string): ApiKeyRecord {
  return { projectId, publicKey, secretHash: hashSecret(secret), scopes: ["ingest", "read", "admin"] };
}
