import { GatewaySettings, grpcAddressOf } from "@xtrace/gateway";
import { QuerySettings } from "@xtrace/query";
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
import { WorkerSettings } from "@xtrace/worker";
import { z } from "zod";

const Own = z.object({
  BIND_ADDR: z.string().default("127.0.0.1:8742").describe("Where everything is served, `host:port`."),
  XTRACE_DATA_DIR: z
    .string()
    .optional()
    .describe("Folder of the embedded PostgreSQL and of the keys; `.xtrace` by default."),
  DATABASE_URL: envUrl(["postgres:", "postgresql:"])
    .optional()
    .describe("A PostgreSQL to use instead of the embedded one."),
  REDIS_URL: GatewaySettings.shape.REDIS_URL.optional().describe(
    "Queue, and limits shared by all processes: `redis://h:6379`; cluster `redis://a,b`; Sentinels `redis+sentinel://a,b/mymaster`. Without it: in PostgreSQL.",
  ),
  // One process has no other to hand its clients to.
  SHUTDOWN_DELAY_MS: envShutdownDelay(0),
  // A disk has no limit of its own that would stop short of the last byte, as Redis has with maxmemory.
  QUEUE_MAX_BYTES: envInt({ min: 0, default: 4 * 1024 ** 3 }).describe(
    GatewaySettings.shape.QUEUE_MAX_BYTES.description ?? "",
  ),
  LOG_LEVEL: envLogLevel("warn"),
});

/** The settings of the whole on one machine: its own, and those of the apps in it that still mean something. */
export const StandaloneSettings = KeyEnv.extend({
  ...Own.shape,
  ...GatewaySettings.pick({
    OTLP_GRPC_ADDR: true,
    QUEUE_PREFIX: true,
    QUEUE_SHARDS: true,
    NODE_ENV: true,
    ALLOW_VOLATILE_QUEUE: true,
    QUEUE_MAX_MEMORY_PERCENT: true,
    QUEUE_MAX_AGE_MS: true,
    ENQUEUE_DEADLINE_MS: true,
    XTRACE_MAX_REQUEST_BODY_BYTES: true,
    XTRACE_MAX_INFLATED_BODY_BYTES: true,
    KEY_REFRESH_MS: true,
    INGEST_RATE_REQUESTS: true,
    INGEST_RATE_BYTES: true,
    INGEST_RATE_BURST_SECONDS: true,
  }).shape,
  ...WorkerSettings.pick({
    BATCH_MAX_ITEMS: true,
    BATCH_MAX_WAIT_MS: true,
    BATCH_MAX_EVENTS: true,
    PREFETCH_MAX_BYTES: true,
    QUEUE_LOCK_MS: true,
    WORKER_STUCK_AFTER_MS: true,
  }).shape,
  ...QuerySettings.pick({
    RATE_LIMIT_QPS: true,
    RATE_LIMIT_BURST: true,
    RATE_LIMIT_BYTES: true,
    STATEMENT_TIMEOUT_MS: true,
    DATABASE_POOL_SIZE: true,
    MEDIA_MAX_BYTES: true,
    PUBLIC_URL: true,
  }).shape,
});

export type StandaloneConfig = z.infer<typeof StandaloneSettings> & {
  readonly address: Address;
  /** `null`: no gRPC. */
  readonly grpcAddress: Address | null;
  /** Of the loggers of all threads. */
  readonly log: { readonly name: string; readonly level: string };
};

/** The only reader of this process's environment. Throws ConfigError. */
export function loadStandaloneConfig(env: NodeJS.ProcessEnv): StandaloneConfig {
  const parsed = parseEnv(StandaloneSettings, env);
  return {
    ...parsed,
    address: parseAddress(parsed.BIND_ADDR),
    grpcAddress: grpcAddressOf(parsed),
    log: { name: "xtrace", level: parsed.LOG_LEVEL },
  };
}
