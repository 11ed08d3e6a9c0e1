import { LIMITS, type ApiKeyRecord, type RateBudgets } from "@xtrace/contract";
import { RedisUrl } from "@xtrace/queue";
import {
  envFlag,
  envInt,
  envLogLevel,
  envShutdownDelay,
  KeyEnv,
  keysFromEnv,
  openProjectFromEnv,
  parseAddress,
  parseEnv,
  type Address,
  type BodyLimits,
} from "@xtrace/runtime";
import { z } from "zod";
import type { AdmissionLimits } from "./admission.ts";

export const GatewaySettings = KeyEnv.extend({
  BIND_ADDR: z.string().default("127.0.0.1:8743").describe("Where the gateway listens, `host:port`."),
  OTLP_GRPC_ADDR: z
    .string()
    .min(1)
    .optional()
    .describe("Where OTLP is served over gRPC, `host:port`, such as `127.0.0.1:4317`. Not set: nowhere."),
  REDIS_URL: RedisUrl.describe(
    "The queue: `redis://host:6379`. Several hosts, `redis://a:7000,b:7001`, are nodes of a Redis Cluster; " +
      "`redis+sentinel://a:26379,b:26379/mymaster` names Sentinels and what they call the master.",
  ),
  QUEUE_SHARDS: envInt({ min: 1, max: 64, default: 1 }).describe(
    "Parts of the queue, each in a slot of its own: two or three for each master of a Redis Cluster. Workers find them.",
  ),
  NODE_ENV: z.string().optional().describe("`production` refuses a Redis that may lose what it acknowledged."),
  ALLOW_VOLATILE_QUEUE: envFlag(false).describe(
    "Run in production on a Redis without append-only file, or that evicts.",
  ),
  QUEUE_PREFIX: z
    .string()
    .min(1)
    .default("{xtrace}")
    .describe("Prefix of all keys in Redis. The braces keep them in one cluster slot."),
  ENQUEUE_DEADLINE_MS: envInt({ min: 50, default: 1_500 }).describe(
    "How long the queue may take before a request is answered 503.",
  ),
  QUEUE_MAX_MEMORY_PERCENT: envInt({ min: 0, max: 100, default: 70 }).describe(
    "Requests are answered 503 while Redis uses more than this share of its maxmemory; 0 switches the limit off.",
  ),
  QUEUE_MAX_BYTES: envInt({ min: 0, default: 0 }).describe(
    "Requests are answered 503 while the queue holds more payload than this; 0 is no limit.",
  ),
  QUEUE_MAX_AGE_MS: envInt({ min: 0, default: 0 }).describe(
    "Requests are answered 503 while the oldest job waits for longer than this; 0 is no limit.",
  ),
  XTRACE_MAX_REQUEST_BODY_BYTES: envInt({ min: 1_024, default: LIMITS.maxBodyBytes }).describe(
    "Largest request body as sent.",
  ),
  XTRACE_MAX_INFLATED_BODY_BYTES: envInt({ min: 1_024, default: LIMITS.maxInflatedBytes }).describe(
    "Largest request body after decompression.",
  ),
  KEY_REFRESH_MS: envInt({ min: 100, default: 10_000 }).describe(
    "How often API keys are read again: a revoked key stops working this much later.",
  ),
  INGEST_RATE_REQUESTS: envInt({ min: 0, default: 0 }).describe(
    "Write requests per second and key in the long run; 0, as by default, is no limit.",
  ),
  INGEST_RATE_BYTES: envInt({ min: 0, default: 0 }).describe(
    "Bytes of write requests, after decompression, per second and key in the long run; 0 is no limit.",
  ),
  INGEST_RATE_BURST_SECONDS: envInt({ min: 1, max: 86_400, default: 10 }).describe(
    "How many seconds' worth of both a key that was quiet may write at once.",
  ),
  SHUTDOWN_DELAY_MS: envShutdownDelay(5_000),
  LOG_LEVEL: envLogLevel("info"),
});

export type GatewayConfig = {
  readonly address: Address;
  /** `null`: no gRPC. */
  readonly grpcAddress: Address | null;
  readonly queue: { readonly url: string; readonly prefix: string; readonly shards: number };
  /** Whether a Redis that may lose what it acknowledged is refused rather than warned of. */
  readonly requireDurableQueue: boolean;
  readonly admission: AdmissionLimits;
  readonly enqueueDeadlineMs: number;
  readonly limits: BodyLimits;
  readonly keys: readonly ApiKeyRecord[];
  /** The project of OTLP requests that carry no key; `null`, as by default, refuses them. */
  readonly openProjectId: string | null;
  readonly keyRefreshMs: number;
  /** Of each key. */
  readonly rateBudgets: RateBudgets;
  readonly shutdownDelayMs: number;
  readonly logLevel: string;
};

/** What the settings allow each key to write. */
export function ingestBudgets(
  settings: Pick<
    z.infer<typeof GatewaySettings>,
    "INGEST_RATE_REQUESTS" | "INGEST_RATE_BYTES" | "INGEST_RATE_BURST_SECONDS"
  >,
): RateBudgets {
  const budget = (perSecond: number) =>
    perSecond === 0 ? null : { perSecond, burst: perSecond * settings.INGEST_RATE_BURST_SECONDS };
  return { requests: budget(settings.INGEST_RATE_REQUESTS), bytes: budget(settings.INGEST_RATE_BYTES) };
}

export function grpcAddressOf({
  OTLP_GRPC_ADDR,
}: Pick<z.infer<typeof GatewaySettings>, "OTLP_GRPC_ADDR">): Address | null {
  return OTLP_GRPC_ADDR === undefined ? null : parseAddress(OTLP_GRPC_ADDR);
}

/** The only reader of this process's environment. Throws ConfigError. */
export function loadGatewayConfig(env: NodeJS.ProcessEnv): GatewayConfig {
  const parsed = parseEnv(GatewaySettings, env);
  return {
    address: parseAddress(parsed.BIND_ADDR),
    grpcAddress: grpcAddressOf(parsed),
    queue: { url: parsed.REDIS_URL, prefix: parsed.QUEUE_PREFIX, shards: parsed.QUEUE_SHARDS },
    requireDurableQueue: parsed.NODE_ENV === "production" && !parsed.ALLOW_VOLATILE_QUEUE,
    admission: {
      maxBytes: parsed.QUEUE_MAX_BYTES,
      maxMemoryPercent: parsed.QUEUE_MAX_MEMORY_PERCENT,
      maxAgeMs: parsed.QUEUE_MAX_AGE_MS,
    },
    enqueueDeadlineMs: parsed.ENQUEUE_DEADLINE_MS,
    limits: {
      maxBodyBytes: parsed.XTRACE_MAX_REQUEST_BODY_BYTES,
      maxInflatedBytes: parsed.XTRACE_MAX_INFLATED_BODY_BYTES,
    },
    keys: keysFromEnv(parsed),
    openProjectId: openProjectFromEnv(parsed),
    keyRefreshMs: parsed.KEY_REFRESH_MS,
    rateBudgets: ingestBudgets(parsed),
    shutdownDelayMs: parsed.SHUTDOWN_DELAY_MS,
    logLevel: parsed.LOG_LEVEL,
  };
}
