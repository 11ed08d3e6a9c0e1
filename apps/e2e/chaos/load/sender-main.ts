import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../src/seeded-random.ts";
import { createDelivery } from "./deliver.ts";
import { openLedgerFile } from "./ledger.ts";
import { loadRequest } from "./load-request.ts";
import type { SenderOptions } from "./sender-options.ts";

/** A client under way with more requests than this waits before it makes another. */
const MAX_UNDER_WAY = 30;
/** How long requests under way are still tried once the sender was told to stop. */
const STOP_PATIENCE_MS = 30_000;
const MAX_RESEND_DELAY_MS = 3_000;

/**
 * A client that never gives up: sends requests at a steady rate until SIGTERM, each again and again
 * under the same ids until it is acknowledged, and some once more after that.
 */
async function main(options: SenderOptions): Promise<void> {
  const sent = openLedgerFile(options.sentPath);
  const acked = openLedgerFile(options.ackedPath);
  const delivery = createDelivery(options);
  const random = seededRandom(options.seed);
  const stopping = new AbortController();
  const giveUp = new AbortController();
  const underWay = new Set<Promise<void>>();
  process.once("SIGTERM", () => stopping.abort());

  async function send(n: number, shallResend: boolean): Promise<void> {
    const request = loadRequest(options, n);
    sent.append(request.parts);
    const answer = await delivery.deliver(request, giveUp.signal);
    if (answer === undefined) return;
    acked.append(request.acknowledged(answer));
    if (!shallResend) return;
    await sleep(random() * MAX_RESEND_DELAY_MS);
    await delivery.deliver(request, giveUp.signal);
  }

  const startedAt = performance.now();
  for (let n = 0; !stopping.signal.aborted; n += 1) {
    const sending = send(n, random() < options.resendShare);
    underWay.add(sending);
    void sending.finally(() => underWay.delete(sending));
    const dueMs = startedAt + ((n + 1) * 1_000) / options.requestsPerSecond - performance.now();
    if (dueMs > 0) await sleep(dueMs, undefined, { signal: stopping.signal }).catch(() => {});
    while (underWay.size >= MAX_UNDER_WAY && !stopping.signal.aborted) await sleep(20);
  }
  const timer = setTimeout(() => giveUp.abort(), STOP_PATIENCE_MS);
  await Promise.all(underWay);
  clearTimeout(timer);
  sent.close();
  acked.close();
  console.log(JSON.stringify(delivery.report()));
}

await main(JSON.parse(process.argv[2] ?? "{}") as SenderOptions);
