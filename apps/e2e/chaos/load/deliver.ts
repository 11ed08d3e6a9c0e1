import { setTimeout as sleep } from "node:timers/promises";
import type { LoadRequest } from "./load-request.ts";
import type { SenderOptions, SenderReport } from "./sender-options.ts";

export type Delivery = {
  /** Sends until a 2xx, whose body it returns; `undefined` when `giveUp` came first. Throws for an answer that no retry can better. */
  deliver(request: LoadRequest, giveUp: AbortSignal): Promise<string | undefined>;
  report(): SenderReport;
};

const ANSWER_TIMEOUT_MS = 10_000;
/** On average; spread, since all that broke broke at once. */
const RECONNECT_MS = 500;
/** Where an answer names no time. */
const RETRY_MS = 1_000;
const RETRYABLE = new Set([429, 500, 502, 503, 504]);

export function createDelivery(options: Pick<SenderOptions, "urls" | "authorization">): Delivery {
  const { urls, authorization } = options;
  const answers: Record<string, number> = {};
  let [current, slowestMs, longestGapMs, withoutRetryAfter, unacknowledged] = [0, 0, 0, 0, 0];
  let ackedAt = performance.now();

  /** The body of a 2xx, or how long to wait before the next attempt. */
  async function attempt({ path, body }: LoadRequest): Promise<string | number> {
    const startedAt = performance.now();
    const used = current;
    const outcome = await post(`${urls[used % urls.length]}${path}`, body, authorization);
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    const status = String(outcome.status);
    answers[status] = (answers[status] ?? 0) + 1;
    if (typeof outcome.status === "string") {
      // Others that failed at the same time have moved on already.
      if (current === used) current += 1;
      return RECONNECT_MS * (0.5 + Math.random());
    }
    if (outcome.status < 300) {
      longestGapMs = Math.max(longestGapMs, performance.now() - ackedAt);
      ackedAt = performance.now();
      return outcome.text;
    }
    if (!RETRYABLE.has(outcome.status))
      throw new Error(`POST ${path}: ${outcome.status} ${outcome.text.slice(0, 300)}`);
    if (outcome.retryAfterSeconds !== undefined) return outcome.retryAfterSeconds * 1_000;
    if (outcome.status === 429 || outcome.status === 503) withoutRetryAfter += 1;
    return RETRY_MS;
  }

  return {
    async deliver(request, giveUp) {
      while (!giveUp.aborted) {
        const result = await attempt(request);
        if (typeof result === "string") return result;
        await sleep(result, undefined, { signal: giveUp }).catch(() => {});
      }
      unacknowledged += 1;
      return undefined;
    },
    report: () => ({ answers, slowestMs, longestGapMs, withoutRetryAfter, unacknowledged }),
  };
}

type Outcome =
  | { readonly status: number; readonly text: string; readonly retryAfterSeconds: number | undefined }
  | { readonly status: "reset" | "timeout" };

async function post(url: string, body: string, authorization: string): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: authorization },
      body,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const retryAfter = response.headers.get("Retry-After");
    const retryAfterSeconds = retryAfter === null ? undefined : Number(retryAfter);
    return { status: response.status, text: await response.text(), retryAfterSeconds };
  } catch (error) {
    return { status: error instanceof Error && error.name === "TimeoutError" ? "timeout" : "reset" };
  }
}
