import { Hono } from "hono";
import type { Metrics } from "./metrics.ts";

/** Resolves when the dependency works; rejects with the reason. Bounded by the caller. */
export type Check = () => Promise<void>;

export type Readiness = {
  /** From here on /readyz answers 503, so that a load balancer stops sending. */
  startDraining(): void;
  readonly draining: boolean;
};

const CHECK_TIMEOUT_MS = 2_000;

export function createReadiness(): Readiness {
  let draining = false;
  return {
    startDraining() {
      draining = true;
    },
    get draining() {
      return draining;
    },
  };
}

/**
 * `/healthz`: the process is up. `/livez`: it makes progress. `/readyz`: it can serve now, naming what it lacks.
 * `/metrics`: Prometheus text.
 *
 * Readiness asks only what this process itself needs, so one tier's outage never takes another out of service.
 */
export function healthRoutes(options: {
  readonly checks: Readonly<Record<string, Check>>;
  readonly liveness?: Check;
  /** More to say of a process that is ready, for whoever looks: it takes nothing out of service. */
  readonly details?: () => Readonly<Record<string, unknown>>;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  /** What another thread counts, as Prometheus text; left out of an answer where it rejects. No family may be in both. */
  readonly threadMetrics?: () => Promise<string>;
}): Hono {
  const { checks, liveness, details, readiness, metrics, threadMetrics } = options;
  return new Hono()
    .get("/healthz", (c) => c.body(null, 200))
    .get("/livez", async (c) => {
      const failures = await runChecks(liveness ? { progress: liveness } : {});
      return failures.length === 0 ? c.json({ status: "live" }) : c.json({ status: "stuck", failures }, 503);
    })
    .get("/readyz", async (c) => {
      if (readiness.draining) return c.json({ status: "not_ready", failures: ["draining"] }, 503);
      const failures = await runChecks(checks);
      if (failures.length > 0) return c.json({ status: "not_ready", failures }, 503);
      return c.json({ status: "ready", ...details?.() });
    })
    .get("/metrics", async (c) => {
      c.header("Content-Type", metrics.registry.contentType);
      const ofThread = threadMetrics?.().catch(() => "");
      return c.body((await metrics.registry.metrics()) + ((await ofThread) ?? ""));
    });
}

/** The names of the checks that failed. The reasons go to the log of whoever made the check, not to strangers. */
async function runChecks(checks: Readonly<Record<string, Check>>): Promise<string[]> {
  const failed = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        await withTimeout(check(), CHECK_TIMEOUT_MS);
        return undefined;
      } catch {
        return name;
      }
    }),
  );
  return failed.filter((name) => name !== undefined);
}

/** Rejects after `timeoutMs`; the loser's own rejection is not left unhandled. */
export async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
    promise.catch(() => {});
  }
}
