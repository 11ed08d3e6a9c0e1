import {
  envInt,
  envLogLevel,
  envShutdownDelay,
  envUrl,
  KeyEnv,
  parseAddress,
  parseEnv,
  type Address,
} from "@xtrace/runtime";
import { z } from "zod";

/** The settings of the read API. Names as in the Rust system where it has them. */
export const QuerySettings = KeyEnv.extend({
  DATABASE_URL: envUrl(["postgres:", "postgresql:"]).describe(
    "PostgreSQL to read from: `postgres://user:password@host:5432/xtrace`. `?pgbouncer=true` for a pooler in transaction mode.",
  ),
  DATABASE_REPLICA_URL: envUrl(["postgres:", "postgresql:"])
    .optional()
    .describe("A streaming replica of DATABASE_URL: reads go to it while it is up to date, else to the primary."),
  DATABASE_REPLICA_MAX_LAG_MS: envInt({ min: 0, default: 2_000 }).describe(
    "How far the replica may be behind and still be read from.",
  ),
  BIND_ADDR: z.string().default("127.0.0.1:8744").describe("Address to listen on, `host:port`; IPv6 in brackets."),
  DATABASE_POOL_SIZE: envInt({ min: 1, max: 1000, default: 10 }).describe("Connections to PostgreSQL at most."),
  STATEMENT_TIMEOUT_MS: envInt({ min: 1, default: 10_000 }).describe("A query that runs longer is cancelled."),
  RATE_LIMIT_QPS: envInt({ min: 0, default: 20 }).describe(
    "Read requests per second and key in the long run; 0 switches the limit off.",
  ),
  RATE_LIMIT_BURST: envInt({ min: 1, default: 40 }).describe("Read requests at once and key."),
  RATE_LIMIT_BYTES: envInt({ min: 0, default: 0 }).describe(
    "Bytes of answers per second and key in the long run, ten seconds' worth at once; 0 is no limit.",
  ),
  MEDIA_MAX_BYTES: envInt({ min: 1, default: 100 * 1024 * 1024 }).describe("Size of one uploaded file at most."),
  PUBLIC_URL: envUrl(["http:", "https:"])
    .optional()
    .describe(
      "Where clients reach this system, for URLs of uploads and downloads. Else as requests say: Host, X-Forwarded-Host, X-Forwarded-Proto.",
    ),
  REDIS_URL: z
    .string()
    // In full when it is connected to: whoever can judge it loads much that a query app without Redis does not need.
    .regex(/^rediss?(\+cluster|\+sentinel)?:\/\/./, {
      error:
        "expected redis://host:6379, redis://a:7000,b:7001 for a cluster, or redis+sentinel://a:26379,b:26379/mymaster for Sentinels",
    })
    .optional()
    .describe("Redis through which all processes share the limits of a key; without it each has its own."),
  QUEUE_PREFIX: z
    .string()
    .min(1)
    .default("{xtrace}")
    .describe("Prefix of all keys in Redis. The braces keep them in one cluster slot."),
  KEY_REFRESH_MS: envInt({ min: 100, default: 10_000 }).describe("How often API keys are read from the database."),
  SHUTDOWN_DELAY_MS: envShutdownDelay(5_000),
  LOG_LEVEL: envLogLevel("info"),
});
export type QuerySettings = z.infer<typeof QuerySettings>;

export type QueryConfig = QuerySettings & { readonly address: Address };

/** Throws ConfigError that names every bad variable. The only reader of the environment. */
export function loadConfig(env: NodeJS.ProcessEnv): QueryConfig {
  const parsed = parseEnv(QuerySettings, env);
  return { ...parsed, address: parseAddress(parsed.BIND_ADDR) };
}
