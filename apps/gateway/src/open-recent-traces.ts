import { isRedisUrl, openTraceDirectory } from "@xtrace/queue";
import { logRepeatedErrors, type Logger } from "@xtrace/runtime";
import { createRecentTraces, type RecentTraces } from "./protocols/langfuse/recent-traces.ts";

/** Shared with other gateways where the queue is in Redis. The caller closes it. */
export async function openRecentTraces(options: {
  readonly queue: { readonly url: string; readonly prefix: string };
  readonly log: Logger;
}): Promise<RecentTraces & { close(): Promise<void> }> {
  const onError = logRepeatedErrors(options.log, "trace directory error");
  const shared = isRedisUrl(options.queue.url) ? await openTraceDirectory({ ...options.queue, onError }) : null;
  return { ...createRecentTraces({ shared, onError }), close: async () => await shared?.close() };
}
