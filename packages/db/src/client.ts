import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";

/** A handle for queries: the pool itself or a transaction on it. */
export type Database = PostgresJsDatabase;

export type DatabaseOptions = {
  readonly url: string;
  /** Connections at most; each process has its own pool. */
  readonly poolSize: number;
  readonly applicationName: string;
  /** A statement that runs longer is cancelled with SQLSTATE 57014. */
  readonly statementTimeoutMs: number;
  /** A statement that waits longer for a lock fails with SQLSTATE 55P03, so that nobody queues behind it for ever. */
  readonly lockTimeoutMs?: number;
  /** Receives what the server says beside results, such as the plans of `auto_explain`. */
  readonly onNotice?: (message: string) => void;
};

export type OpenDatabase = AsyncDisposable & {
  readonly db: Database;
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

/** Opens a pool. Connects lazily: an unreachable server fails the first query, not this call. */
export function openDatabase(options: DatabaseOptions): OpenDatabase {
  const client = postgres(options.url, {
    max: options.poolSize,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    max_lifetime: MAX_LIFETIME_SECONDS,
    backoff: reconnectDelaySeconds,
    onnotice: ({ message }) => options.onNotice?.(message ?? ""),
    connection: {
      application_name: options.applicationName,
      statement_timeout: options.statementTimeoutMs,
      lock_timeout: options.lockTimeoutMs ?? options.statementTimeoutMs,
      TimeZone: "UTC",
    },
  });
  const close = () => client.end({ timeout: CLOSE_TIMEOUT_SECONDS });
  return {
    db: drizzle(client),
    ping: async () => {
      await client`select 1`;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
