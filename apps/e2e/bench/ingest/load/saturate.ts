import type { Backlog } from "./backlog.ts";
import type { SaturateOrder, SaturateResult } from "./messages.ts";
import { sendPatiently } from "./send.ts";
import { openSender } from "./sender.ts";

export type Batch = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodies: readonly Uint8Array[];
  readonly observationsPerBody: number;
  /** An observation of the body with this index. */
  observationIdOf(index: number): string;
};

/** Sends every body once, as fast as the answers come. */
export async function saturate(batch: Batch, order: SaturateOrder, backlog: Backlog): Promise<SaturateResult> {
  const { target, connections, maxBacklog } = order;
  const { path, observationsPerBody } = batch;
  const headers = { ...batch.headers, authorization: target.authorization };
  const sender = openSender(target.url);
  backlog.reset();
  let [next, refused, lastAcknowledgedAt] = [0, 0, 0];
  const firstRequestAt = now();

  const lane = async () => {
    for (let body = batch.bodies[next++]; body; body = batch.bodies[next++]) {
      await backlog.belowLimit(maxBacklog);
      refused += await sendPatiently(sender, { path, headers, body });
      lastAcknowledgedAt = now();
      backlog.acknowledged(observationsPerBody);
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  sender.close();
  return {
    acknowledgedObservations: batch.bodies.length * observationsPerBody,
    requests: batch.bodies.length,
    firstRequestAt,
    lastAcknowledgedAt,
    deepestBacklog: backlog.deepest,
    refused,
  };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
