import { AppError } from "@xtrace/runtime";

const RETRY_AFTER_SECONDS = 1;

/** SQLSTATE: statement_timeout cancelled it. */
const QUERY_CANCELED = "57014";

/** SQLSTATEs and driver codes of a database that cannot serve now: connection, resources, shutdown, fail-over. */
const UNAVAILABLE =
  /^(08...|53...|57P0[1-5]|40001|CONNECT_TIMEOUT|CONNECTION_(CLOSED|ENDED|DESTROYED)|E(CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|HOSTUNREACH|NOTFOUND|AI_AGAIN))$/;

/** A database failure that the caller can act on as SERVICE_UNAVAILABLE, anything else as it came, but for query parameters. */
export function databaseFailure(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = codeOf(error) ?? "";
  const cause = withoutParameters(error);
  const options = { cause, retryAfterSeconds: RETRY_AFTER_SECONDS };
  if (code === QUERY_CANCELED) {
    return new AppError("SERVICE_UNAVAILABLE", "The query took too long: narrow its time range or filters", options);
  }
  if (UNAVAILABLE.test(code)) return new AppError("SERVICE_UNAVAILABLE", "The database is not available", options);
  return cause;
}

/** Drizzle wraps what the driver throws. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return codeOf(error.cause);
}

/** Drizzle's errors spell out the parameters, in which users' texts would reach the log. */
function withoutParameters(error: unknown): unknown {
  if (!(error instanceof Error) || !("query" in error) || !("params" in error)) return error;
  const bare = new Error(`Query failed: ${String(error.query)}`, { cause: error.cause });
  const frames = error.stack?.split("\n").filter((line) => line.startsWith("    at ")) ?? [];
  bare.stack = [`${bare.name}: ${bare.message}`, ...frames].join("\n");
  return bare;
}
