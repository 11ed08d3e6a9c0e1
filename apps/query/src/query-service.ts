import { listActiveApiKeys, type Database, type OpenDatabase } from "@xtrace/db";
import {
  createKeyRing,
  createMetrics,
  createReadiness,
  keysFromEnv,
  openProjectFromEnv,
  startRefresh,
  type KeyEnv,
  type Logger,
  type Metrics,
  type Readiness,
} from "@xtrace/runtime";
import { createQueryApp } from "./app.ts";
import type { QuerySettings } from "./config.ts";
import { openLimiter, type LimiterConfig } from "./open-limiter.ts";
import type { Reads } from "./open-reads.ts";
import { VERSION } from "./version.ts";

export type QueryServiceOptions = {
  /** Opened and closed by the caller. */
  readonly database: Pick<OpenDatabase, "db" | "ping">;
  /** Where keys are read while it is there, since a replica may not have heard of a revocation, and where dead letters are marked. */
  readonly primary?: Database | undefined;
  /** See Reads. */
  readonly servedBy?: Reads["servedBy"];
  readonly config: KeyEnv & LimiterConfig & Pick<QuerySettings, "KEY_REFRESH_MS" | "MEDIA_MAX_BYTES" | "PUBLIC_URL">;
  readonly log: Logger;
  /** For a process that counts in one registry; else the service has its own. */
  readonly metrics?: Metrics;
  /** The current time in Unix epoch microseconds; for tests. */
  readonly nowUs?: () => number;
};

export type QueryService = {
  /** To be listened with, or asked by `fetch` beside other apps on one port. */
  readonly app: ReturnType<typeof createQueryApp>;
  readonly readiness: Readiness;
  /** Ends what runs in the background. Requests under way are the listener's to wait for. */
  stop(): Promise<void>;
};

/** The read API without a port. Resolves once the stored keys were read, or could not be for now. */
export async function createQueryService(options: QueryServiceOptions): Promise<QueryService> {
  const { database, primary = database.db, config, log } = options;
  const keyRing = createKeyRing(keysFromEnv(config));
  const refresh = startRefresh({
    name: "api keys",
    intervalMs: config.KEY_REFRESH_MS,
    task: async () => {
      keyRing.replace(await listActiveApiKeys(primary).catch(async () => await listActiveApiKeys(database.db)));
    },
    log,
  });
  const readiness = createReadiness();
  const limiter = await openLimiter(config, log);
  const app = createQueryApp({
    db: database.db,
    primary,
    ping: database.ping,
    servedBy: options.servedBy,
    keyRing,
    openProjectId: openProjectFromEnv(config),
    nowUs: options.nowUs ?? (() => Date.now() * 1000),
    media: { maxBytes: config.MEDIA_MAX_BYTES, publicUrl: config.PUBLIC_URL ?? null },
    rateLimit: { qps: config.RATE_LIMIT_QPS, burst: config.RATE_LIMIT_BURST },
    limiter,
    readiness,
    metrics: options.metrics ?? createMetrics({ process: "query" }),
    log,
    version: VERSION,
  });
  await refresh.first;
  return {
    app,
    readiness,
    async stop() {
      await refresh.stop();
      await limiter?.close();
    },
  };
}
