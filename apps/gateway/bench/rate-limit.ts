/**
 * What does a limit shared through Redis cost each request of a gateway, in CPU and in waiting?
 * Not: what Redis can bear, or how a gateway performs as a whole.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { openRateLimiter } from "@xtrace/queue";
import { createMemoryRateLimiter } from "@xtrace/runtime";
import { startRedisServer } from "@xtrace/testkit";

const REQUESTS = 200_000;
const REQUESTS_A_TURN = 10;
const BODY_BYTES = 15_000;

await using redis = await startRedisServer();

/** `perSecond` requests, and as many bodies' worth of bytes. */
async function measure(title: string, perSecond: number, burstSeconds: number): Promise<void> {
  const budgets = {
    requests: { perSecond, burst: perSecond * burstSeconds },
    bytes: { perSecond: perSecond * BODY_BYTES, burst: perSecond * BODY_BYTES * burstSeconds },
  };
  const insurance = createMemoryRateLimiter(budgets);
  const options = { url: redis.url, prefix: "{bench}", scope: title, budgets, insurance, onError: () => {} };
  const limiter = await openRateLimiter(options);
  let waited = 0;
  let refused = 0;
  const idle = await cpuOf(async () => {
    for (let index = 0; index < REQUESTS / REQUESTS_A_TURN; index += 1) await nextTurn();
  });
  const busy = await cpuOf(async () => {
    for (let index = 0; index < REQUESTS; index += 1) {
      const decision = limiter.consume("key");
      if (decision instanceof Promise) waited += 1;
      const { allowed } = decision instanceof Promise ? await decision : decision;
      if (allowed) limiter.charge("key", BODY_BYTES);
      else refused += 1;
      if (index % REQUESTS_A_TURN === 0) await nextTurn();
    }
  });
  const microseconds = ((busy - idle) / REQUESTS).toFixed(2);
  const share = (count: number) => `${((100 * count) / REQUESTS).toFixed(2)} %`;
  process.stdout.write(
    `${title}: ${microseconds} µs of CPU a request, ${share(waited)} waited, ${share(refused)} refused\n`,
  );
  await limiter.close();
}

/** Microseconds of this process. */
async function cpuOf(run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

for (let round = 0; round < 3; round += 1) {
  await measure(`never short ${round}`, 1_000_000, 10);
  await measure(`10,000 a second ${round}`, 10_000, 10);
  await measure(`refused ${round}`, 10, 10);
}
