import { EmbeddedPostgresError, startEmbeddedPostgres, type EmbeddedPostgres } from "@xtrace/embedded-postgres";
import { ConfigError, type Logger } from "@xtrace/runtime";

/** The database that everything is kept in, and how to stop it where it is ours. */
export type Store = { readonly url: string; readonly exited: Promise<unknown> | undefined; stop(): Promise<void> };

/** Starts the embedded PostgreSQL, or takes the one that `databaseUrl` names. Throws ConfigError with one clear line. */
export async function openStore(options: {
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly log: Logger;
}): Promise<Store> {
  if (options.databaseUrl !== undefined) return { url: options.databaseUrl, exited: undefined, stop: async () => {} };
  const server = await startServer(options.dataDir, options.log);
  return { url: server.url, exited: server.exited, stop: () => server.stop() };
}

async function startServer(dataDir: string, log: Logger): Promise<EmbeddedPostgres> {
  try {
    return await startEmbeddedPostgres({ dataDir, database: "xtrace", log: (line) => log.debug({ line }, "postgres") });
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw new ConfigError(error.message, { cause: error });
    throw error;
  }
}
