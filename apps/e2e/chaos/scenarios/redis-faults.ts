import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "@xtrace/testkit";
import { memoryShare, withRedis } from "../faults/with-redis.ts";
import { SUCCESS, type Scenario } from "./scenario.ts";

/** The gateway gives up on the queue after 1.5 s; the rest is what a busy machine takes. */
const REFUSAL_MS = 4_000;
/** Within 20 s of Redis' return, and what waits meanwhile. */
const RECOVERY_MS = 30_000;

export const REDIS_KILL: Scenario = {
  id: "F7",
  title: "Redis: kill -9 and restart, four times; 503 with Retry-After within 2 s, nothing acknowledged is lost",
  expected: { answers: [...SUCCESS, "503"], sees: ["503"], recoveryMs: RECOVERY_MS, slowestMs: REFUSAL_MS },
  async run({ system: { redis }, recovered }) {
    for (let kill = 0; kill < 4; kill += 1) {
      await redis.kill();
      await sleep(5_000);
    }
    await recovered();
  },
};

export const REDIS_AWAY_AT_START: Scenario = {
  id: "F8",
  title: "Redis: away when the gateway starts; /readyz 503, requests 503, and it recovers alone",
  expected: { answers: [...SUCCESS, "503", "reset"], sees: ["503"], recoveryMs: RECOVERY_MS },
  async run({ system: { gateways, redis }, expect, recovered }) {
    const gateway = gateways[0];
    const readiness = async () => (await fetch(`${gateway?.url}/readyz`)).status;
    const untilReadiness = (wanted: number) =>
      eventually(
        async () => {
          const status = await readiness();
          if (status !== wanted) throw new Error(`/readyz answers ${status} and not ${wanted}`);
        },
        { timeoutMs: 20_000 },
      );
    await gateway?.takeDown();
    await redis.takeDown();
    await gateway?.bringUp();
    await untilReadiness(503);
    await sleep(5_000);
    expect((await readiness()) === 503, "/readyz is not 503 without Redis");
    await redis.bringUp();
    await recovered();
    await untilReadiness(200);
    expect(gateway?.starts() === 2, "the gateway ended without Redis");
  },
};

export const REDIS_DOWN: Scenario = {
  id: "F9",
  title: "Redis: down for 5 min (30 s unless --full); workers are back within 20 s of its return",
  expected: { answers: [...SUCCESS, "503"], sees: ["503"], recoveryMs: RECOVERY_MS, slowestMs: REFUSAL_MS },
  async run({ system: { redis, workers }, full, expect, recovered }) {
    await redis.takeDown();
    await sleep(full ? 300_000 : 30_000);
    await redis.bringUp();
    await recovered();
    expect(
      workers.every((worker) => worker.starts() === 1),
      "a worker was started anew",
    );
  },
};

export const REDIS_FULL: Scenario = {
  id: "F10",
  title: "Redis: fills up while no worker drains it; 503 with Retry-After from 70 %, and 200 again once one drains",
  expected: { answers: [...SUCCESS, "503"], sees: ["503"], recoveryMs: 60_000 },
  system: { redisArgs: ["--maxmemory", "12mb"] },
  async run({ system: { workers, redisUrl }, note, expect, recovered }) {
    await workers[0]?.takeDown();
    await sleep(25_000);
    const share = await memoryShare(await redisUrl());
    note(`Redis uses ${Math.round(share * 100)} % of its memory`);
    expect(share < 0.95, "the gateway filled Redis to the brim");
    await workers[0]?.bringUp();
    await recovered();
  },
};

/** So that there is something to lose: a worker that keeps up leaves next to nothing in the queue. */
const QUEUED_MS = 1_000;
/** And what was in the gateway's answer at the moment of the flush. */
const LOST_AROUND_MS = 2_000;

export const REDIS_FLUSHED: Scenario = {
  id: "F11",
  title: "Redis: FLUSHALL; what was queued at that moment is gone, and workers go on consuming",
  expected: { answers: [...SUCCESS, "503"], recoveryMs: RECOVERY_MS },
  async run({ system: { redisUrl, workers }, note, expect, recovered }) {
    await sleep(2_000);
    workers[0]?.signal("SIGSTOP");
    await sleep(QUEUED_MS);
    await withRedis(await redisUrl(), (redis) => redis.flushall());
    const flushedAtMs = Date.now();
    note("flushed");
    workers[0]?.signal("SIGCONT");
    await sleep(5_000);
    await recovered();
    expect(
      workers.every((worker) => worker.starts() === 1),
      "a worker was started anew",
    );
    return { mayBeLost: ({ atMs }) => Math.abs(atMs - flushedAtMs) < LOST_AROUND_MS, lawIsBroken: true };
  },
};

export const REDIS_FROZEN: Scenario = {
  id: "F12",
  title: "Redis: SIGSTOP for 3 s, three times; 503 after the deadline, never a hang",
  expected: { answers: [...SUCCESS, "503"], sees: ["503"], recoveryMs: RECOVERY_MS, slowestMs: REFUSAL_MS },
  async run({ system: { redis }, recovered }) {
    for (let round = 0; round < 3; round += 1) {
      redis.signal("SIGSTOP");
      await sleep(3_000);
      redis.signal("SIGCONT");
      await sleep(3_000);
    }
    await recovered();
  },
};

export const REDIS_SLOW: Scenario = {
  id: "F12 latency",
  title: "Redis: 200 ms away for 10 s; every answer in time, and the rest is caught up with",
  expected: { answers: [...SUCCESS, "503"], recoveryMs: RECOVERY_MS, slowestMs: REFUSAL_MS },
  system: { withRedisLine: true },
  async run({ system: { redisLine, gateways }, note, expect, recovered }) {
    redisLine?.delay(200);
    const answerMs = await timeToAnswer(`${gateways[0]?.url}/readyz`);
    note(`/readyz, which asks Redis, took ${Math.round(answerMs)} ms`);
    expect(answerMs >= 200, `/readyz took ${Math.round(answerMs)} ms: Redis is not far away`);
    await sleep(10_000);
    redisLine?.delay(0);
    await recovered();
  },
};

async function timeToAnswer(url: string): Promise<number> {
  const startedAt = performance.now();
  await (await fetch(url)).arrayBuffer();
  return performance.now() - startedAt;
}
