import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from "../src/index.ts";

/** A folder that is removed on dispose. */
export async function tempDir() {
  const path = await mkdtemp(join(tmpdir(), "xtrace-pg-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** As fast as it gets: the data need not survive. */
export function start(dataDir: string, options: Partial<EmbeddedPostgresOptions> = {}) {
  const settings = { fsync: "off", shared_buffers: "16MB" };
  return startEmbeddedPostgres({ dataDir, database: "xtrace", settings, ...options });
}

export async function query(url: string, text: string): Promise<Array<Record<string, unknown>>> {
  const sql = postgres(url, { max: 1 });
  try {
    return [...(await sql.unsafe(text))];
  } finally {
    await sql.end({ timeout: 1 });
  }
}
