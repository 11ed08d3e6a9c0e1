import { mkdtemp, rm } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@xtrace/embedded-postgres";

export type PostgresServer = AsyncDisposable & {
  readonly url: string;
  /** What it was started with beyond the defaults of PostgreSQL; empty for a server that was there. */
  readonly settings: Readonly<Record<string, string>>;
};

const MIB = 1024 * 1024;
const SHARED_BUFFERS_MIB = Math.min(2_048, Math.floor(totalmem() / 4 / MIB));

/** A machine of its own for the database would have these. What is acknowledged is on the disk. */
const SETTINGS = {
  shared_buffers: `${SHARED_BUFFERS_MIB}MB`,
  max_wal_size: "8GB",
  checkpoint_timeout: "15min",
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  max_connections: "200",
};

/** Data in a new folder below `parentDir`, removed at the end. */
export async function startPostgres(parentDir: string): Promise<PostgresServer> {
  const dataDir = await mkdtemp(join(parentDir, "xtrace-bench-postgres-"));
  const removeData = () => rm(dataDir, { recursive: true, force: true });
  try {
    const server = await startEmbeddedPostgres({ dataDir, database: "xtrace", settings: SETTINGS });
    return {
      url: server.url,
      settings: SETTINGS,
      [Symbol.asyncDispose]: async () => {
        await server.stop();
        await removeData();
      },
    };
  } catch (error) {
    await removeData();
    throw error;
  }
}
