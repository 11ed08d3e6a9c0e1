import { readFileSync } from "node:fs";
import { startEmbeddedPostgres } from "@xtrace/embedded-postgres";
import type { Life } from "./supervise.ts";

export type PostgresLife = Life & { readonly url: string };

const STOP_TIMEOUT_MS = 20_000;

/** PostgreSQL as it ships, fsync included. Rejects while the backends of a killed server still hold its memory. */
export async function launchPostgres(options: {
  readonly dataDir: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
}): Promise<PostgresLife> {
  const server = await startEmbeddedPostgres({ ...options, database: "xtrace", stopTimeoutMs: STOP_TIMEOUT_MS });
  return {
    pid: server.pid,
    url: server.url,
    exited: server.exited,
    children: () => childrenOf(server.pid),
  };
}

/** The backends: a container that dies takes them with it, a killed first process alone does not. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
