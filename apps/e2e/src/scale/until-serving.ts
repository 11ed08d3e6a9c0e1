import { eventually } from "@xtrace/testkit";
import type { Pod } from "./pod.ts";

const SERVING_TIMEOUT_MS = 30_000;

/** Resolves when the clients' requests reach each of the gateways and query apps: a balancer takes its time to believe that one is there. */
export async function untilServing(pods: readonly Pod[]): Promise<void> {
  await eventually(
    async () => {
      for (const pod of pods) if ((await requestsTo(pod)) === 0) throw new Error(`${pod.name} is sent no requests`);
    },
    { timeoutMs: SERVING_TIMEOUT_MS, intervalMs: 100 },
  );
}

async function requestsTo(pod: Pod): Promise<number> {
  const text = await (await fetch(`${pod.url}/metrics`)).text();
  const samples = text.matchAll(/^xtrace_(?:http|query)_request_duration_seconds_count\{[^}]*\} (\d+)/gm);
  return [...samples].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Resolves when the balancer has found somebody to write to and somebody to read from. */
export async function untilProxied(url: string): Promise<void> {
  await eventually(
    async () => {
      for (const [method, path] of [
        ["POST", "/v1/l/batch"],
        ["GET", "/api/public/traces"],
      ] as const) {
        const { status } = await fetch(`${url}${path}`, { method });
        if (status !== 401) throw new Error(`${method} ${path} without a key: ${status}`);
      }
    },
    { timeoutMs: SERVING_TIMEOUT_MS, intervalMs: 100 },
  );
}
