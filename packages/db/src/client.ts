import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { connectionOf } from "./connection-url.ts";
import { pooledDriver } from "./pooled-driver.ts";
import { preparingDriver } from "./preparing-driver.ts";

/** A handle for queries: the pool itself or a transaction on it. */
export type Database = PostgresJsDatabase;

export type DatabaseOptions = {
  readonly url: string;
  /** Connections at most; each process has its own pool. */
  readonly poolSize: number;
  readonly applicationName: string;
  /**
   * A statement that runs longer is cancelled with SQLSTATE 57014, and a connection that is left idle in a transaction for
   * longer is ended with 25P03: a process that froze or vanished must not hold the rows that others wait for.
   */
  readonly statementTimeoutMs: number;
  /** A statement that waits longer for a lock fails with SQLSTATE 55P03, so that nobody queues behind it for ever. */
  readonly lockTimeoutMs?: number;
  /** Receives what the server says beside results, such as the plans of `auto_explain`. */
  readonly onNotice?: (message: string) => void;
};

export type OpenDatabase = AsyncDisposable & {
  readonly db: Database;
  /**
   * The same pool, whose connections keep each statement of a transaction parsed, and planned for any parameters: half the round
   * trips, and no planning. For few texts that come again and again, and whose plan is the same whatever they look for.
   */
  readonly prepared: Database;
  /** Rejects when the server does not answer. */
  ping(): Promise<void>;
  /** Waits for queries under way. */
  close(): Promise<void>;
};

const CONNECT_TIMEOUT_SECONDS = 5;
const CLOSE_TIMEOUT_SECONDS = 5;
/** Connections are renewed now and then, so that a fail-over or a new replica is noticed. */
const MAX_LIFETIME_SECONDS = 30 * 60;

const MAX_RECONNECT_DELAY_SECONDS = 1;

/** The driver's own delays grow to 20 s, in which every query waits: too long after the server is back. */
function reconnectDelaySeconds(attempts: number): number {
  return Math.min(0.05 * 2 ** attempts, MAX_RECONNECT_DELAY_SECONDS);
}

/** What Drizzle needs of the driver. */
export type Driver = Pick<postgres.Sql, "options" | "unsafe" | "begin">;

/** A pool of connections and how to end it. */
export type OpenDriver = { readonly driver: Driver; close(): Promise<void> };

/** Opens a pool; see openDatabase. */
export function openDriver(options: DatabaseOptions): OpenDriver {
  const { url, isPooled } = connectionOf(options.url);
  const timeouts = {
    statement_timeout: options.statementTimeoutMs,
    lock_timeout: options.lockTimeoutMs ?? options.statementTimeoutMs,
    idle_in_transaction_session_timeout: options.statementTimeoutMs,
  };
  const client = postgres(url, {
    max: options.poolSize,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    max_lifetime: MAX_LIFETIME_SECONDS,
    backoff: reconnectDelaySeconds,
    onnotice: ({ message }) => options.onNotice?.(message ?? ""),
    prepare: !isPooled,
    connection: { application_name: options.applicationName, TimeZone: "UTC", ...(isPooled ? {} : timeouts) },
  });
  return {
    driver: isPooled ? pooledDriver(client, timeouts) : client,
    close: () => client.end({ timeout: CLOSE_TIMEOUT_SECONDS }),
  };
}

/** Opens a pool. Connects lazily: an unreachable server fails the first query, not this call. */
export function openDatabase(options: DatabaseOptions): OpenDatabase {
  const { driver, close } = openDriver(options);
  return {
    db: databaseOver(driver),
    prepared: databaseOver(preparingDriver(driver)),
    ping: async () => {
      await driver.unsafe("select 1");
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

export function databaseOver(driver: Driver): Database {
  // Drizzle's type asks for the whole driver, of which it calls these.
  return drizzle(driver as postgres.Sql);
}
