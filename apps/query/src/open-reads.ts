import { AsyncLocalStorage } from "node:async_hooks";
import { openDatabase, openReplicatedDatabase, type Database, type OpenDatabase, type Served } from "@xtrace/db";
import type { Logger, Metrics } from "@xtrace/runtime";
import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { QuerySettings } from "./config.ts";
import { createReplicaMetrics } from "./replica-metrics.ts";

export type Reads = {
  /** Where reads go. */
  readonly database: Omit<OpenDatabase, "prepared">;
  /** Where what must not be old is read first, if that is somewhere else. */
  readonly primary: Database | undefined;
  /** Tells the client which server answered; `undefined` where there is only one. */
  readonly servedBy: MiddlewareHandler | undefined;
};

type ReadSettings = Pick<
  QuerySettings,
  | "DATABASE_URL"
  | "DATABASE_REPLICA_URL"
  | "DATABASE_REPLICA_MAX_LAG_MS"
  | "DATABASE_POOL_SIZE"
  | "STATEMENT_TIMEOUT_MS"
>;

/** Opens the database, and the replica where one is set. Resolves when it is known which to read from. */
export async function openReads(config: ReadSettings, metrics: Metrics, log: Logger): Promise<Reads> {
  const options = {
    url: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    applicationName: "xtrace-query",
    statementTimeoutMs: config.STATEMENT_TIMEOUT_MS,
  };
  const replicaUrl = config.DATABASE_REPLICA_URL;
  if (replicaUrl === undefined) return { database: openDatabase(options), primary: undefined, servedBy: undefined };

  const requests = new AsyncLocalStorage<{ served?: Served }>();
  const counters = createReplicaMetrics(metrics);
  let fault: string | null = null;
  const database = openReplicatedDatabase({
    ...options,
    replicaUrl,
    maxLagMs: config.DATABASE_REPLICA_MAX_LAG_MS,
    onServed(served) {
      counters.read(served.by);
      const request = requests.getStore();
      // Of a request that read from both, the part that may be old is what its caller wants to know of.
      if (request && request.served?.by !== "replica") request.served = served;
    },
    onRepeated(code) {
      counters.repeated(code);
      log.warn({ code }, "the primary repeated a read of the replica");
    },
    onState(state) {
      counters.state(state);
      if (state.fault === fault) return;
      fault = state.fault;
      if (fault === null) log.info({ lagMs: state.lagMs }, "reading from the replica");
      else log.warn({ fault, lagMs: state.lagMs }, "not reading from the replica");
    },
  });
  await database.first;
  const servedBy = createMiddleware(async function servedBy(c, next) {
    const request: { served?: Served } = {};
    await requests.run(request, next);
    if (!request.served) return;
    const { by, lagMs } = request.served;
    c.header("Xtrace-Served-By", by);
    if (by === "replica" && lagMs !== null) c.header("X-Replica-Lag", (lagMs / 1_000).toFixed(3));
  });
  return { database, primary: database.primary, servedBy };
}
