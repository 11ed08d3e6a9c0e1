import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import type { PaceOrder, PaceResult } from "./messages.ts";
import type { Batch } from "./saturate.ts";
import { sendPatiently } from "./send.ts";
import { openSender } from "./sender.ts";
import { untilReadable } from "./until-readable.ts";

/** Enough that a reader never waits for a connection. */
const READING_CONNECTIONS = 256;
/** The first ones meet cold code and connections. */
const WARM_UP_SHARE = 0.1;

/**
 * Sends every body at its own moment, whatever became of those before. A latency counts from that
 * moment, so that a stall is felt by all who would have come in it. An abort keeps back the bodies that are not due yet.
 */
export async function pace(batch: Batch, order: PaceOrder, signal: AbortSignal): Promise<PaceResult> {
  const headers = { ...batch.headers, authorization: order.target.authorization };
  // A request that is due and finds no free connection opens one: arrivals do not slow down when the system does.
  const writing = openSender(order.target.url);
  const { reads } = order;
  const reading = reads && new Pool(reads.queryUrl, { connections: READING_CONNECTIONS, pipelining: 1 });
  const acknowledgementMs: number[] = [];
  const readableMs: number[] = [];
  const warmUp = batch.bodies.length * WARM_UP_SHARE;
  const startAt = performance.now();

  const sendOne = async (body: Uint8Array, index: number, dueAt: number) => {
    await sendPatiently(writing, { path: batch.path, headers, body });
    const acknowledgedAt = performance.now();
    if (index < warmUp) return;
    acknowledgementMs.push(acknowledgedAt - dueAt);
    if (!reading || index % reads.every !== 0) return;
    await untilReadable(reading, batch.observationIdOf(index), order.target.authorization);
    readableMs.push(performance.now() - acknowledgedAt);
  };
  const sent: Array<Promise<void>> = [];
  for (const [index, body] of batch.bodies.entries()) {
    const dueAt = startAt + (index * 1_000) / order.bodiesPerSecond;
    const waitMs = dueAt - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    if (signal.aborted) break;
    sent.push(sendOne(body, index, dueAt));
  }
  await Promise.all(sent);
  writing.close();
  await reading?.close();
  return { acknowledgedObservations: sent.length * batch.observationsPerBody, acknowledgementMs, readableMs };
}
