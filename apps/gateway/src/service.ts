import { countEvents, LIMITS, type ApiKeyRecord } from "@xtrace/contract";
import { guardDurability, openShardedProducer, openQueueReader } from "@xtrace/queue";
import {
  ConfigError,
  createClock,
  createKeyRing,
  createRateGate,
  logRepeatedErrors,
  messageOf,
  startRefresh,
  type Address,
  type Check,
  type HttpServer,
  type Logger,
  type Metrics,
  type Readiness,
} from "@xtrace/runtime";
import type { Hono } from "hono";
import { createAccept } from "./accept.ts";
import { createAdmission } from "./admission.ts";
import { createGatewayApp } from "./app.ts";
import { createCoalescer } from "./coalesce.ts";
import type { GatewayConfig } from "./config.ts";
import { createGatewayMetrics } from "./gateway-metrics.ts";
import { openAccess } from "./open-access.ts";
import { openLimiter } from "./open-limiter.ts";
import { openRecentTraces } from "./open-recent-traces.ts";
import type { Accept, GatewayEnv } from "./protocols/protocol.ts";
import { createQueueMetrics } from "./queue-metrics.ts";
import { refuseWhenFull } from "./refuse-when-full.ts";
import { watchQueue } from "./watch-queue.ts";

export type GatewayService = {
  readonly app: Hono<GatewayEnv>;
  readonly checks: Readonly<Record<string, Check>>;
  /** Serves OTLP over gRPC as well. The caller closes it before this service. */
  listenGrpc(address: Address): Promise<HttpServer>;
  stop(): Promise<void>;
};

export type GatewayDeps = {
  readonly config: Pick<
    GatewayConfig,
    | "queue"
    | "requireDurableQueue"
    | "admission"
    | "enqueueDeadlineMs"
    | "limits"
    | "keys"
    | "openProjectId"
    | "keyRefreshMs"
    | "rateBudgets"
  >;
  /** Where keys beyond the configured ones are kept: Redis, as workers publish them, or the database where there is one. */
  readonly loadKeys: () => Promise<ApiKeyRecord[]>;
  readonly readiness: Readiness;
  readonly log: Logger;
  readonly metrics: Metrics;
};

/** Small enough for a worker to parse in a millisecond or two; two on their way keep the queue's server busy. */
const COALESCE = { maxInFlight: 2, maxEvents: LIMITS.maxJobEvents, maxBytes: LIMITS.maxJobBytes / 2 } as const;

/**
 * Starts producing; resolves when the keys were read once, or could not be. Rejects with ConfigError when the queue's
 * server would lose what it acknowledged and that is not allowed.
 */
export async function startGateway({
  config,
  loadKeys,
  readiness,
  log,
  metrics,
}: GatewayDeps): Promise<GatewayService> {
  const onError = logRepeatedErrors(log, "queue error");
  const durability = guardDurability({
    ...config.queue,
    required: config.requireDurableQueue,
    onWarning: (message) => log.warn(message),
    onError,
  });
  await durability.first.catch(async (cause: unknown) => {
    await durability.close();
    throw new ConfigError(messageOf(cause), { cause });
  });
  const producer = openShardedProducer({ ...config.queue, deadlineMs: config.enqueueDeadlineMs, onError });
  const keyRing = createKeyRing(config.keys);
  const refresh = startRefresh({
    name: "read API keys",
    intervalMs: config.keyRefreshMs,
    log,
    task: async () => keyRing.replace(await loadKeys()),
  });
  const [limiter, recentTraces] = await Promise.all([
    openLimiter({ queue: config.queue, budgets: config.rateBudgets, log }),
    openRecentTraces({ queue: config.queue, log }),
    refresh.first,
  ]);

  const add = createCoalescer({
    add: (job) => producer.add(job),
    deadlineMs: config.enqueueDeadlineMs,
    ...COALESCE,
  });
  const gatewayMetrics = createGatewayMetrics(metrics);
  const nowUs = createClock();
  const checks = { queue: () => producer.ping(), durability: durability.check };

  const admission = createAdmission(config.admission);
  const reader = openQueueReader({ ...config.queue, onError });
  const watch = watchQueue({ reader, admission, metrics: createQueueMetrics(metrics, admission), log });
  const queueEvents = createAccept({ add, nowUs, metrics: gatewayMetrics });
  const accept: Accept = async (projectId, events, bodyBytes) => {
    // Again: while the body came others may have filled the queue.
    refuseWhenFull(admission, gatewayMetrics, countEvents(events));
    admission.added(bodyBytes);
    watch.added();
    await queueEvents(projectId, events, bodyBytes);
  };

  const protocolDeps = { accept, reject: gatewayMetrics.rejected, limits: config.limits, nowUs, log };
  const app = createGatewayApp({
    ...protocolDeps,
    recentTraces,
    admission,
    keyRing,
    limiter,
    openProjectId: config.openProjectId,
    checks,
    readiness,
    metrics,
    gatewayMetrics,
  });
  return {
    app,
    checks,
    async listenGrpc(address) {
      // Loaded only where it is wanted: most gateways serve HTTP alone, and should start without it.
      const { openGrpcServer } = await import("./protocols/otlp/grpc/open-grpc-server.ts");
      const rateGate = limiter && createRateGate({ limiter, scope: "ingest", metrics });
      const open = openAccess(config.openProjectId);
      const deps = { ...protocolDeps, keyRing, open, rateGate, gatewayMetrics };
      return await openGrpcServer(
        { ...deps, refuseWhenFull: () => refuseWhenFull(admission, gatewayMetrics) },
        address,
      );
    },
    async stop() {
      await refresh.stop();
      await limiter?.close();
      await recentTraces.close();
      await watch.stop();
      await reader.close();
      await producer.close();
      await durability.close();
    },
  };
}
