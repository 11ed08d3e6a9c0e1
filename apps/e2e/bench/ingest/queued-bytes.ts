import { startRedisServer } from "@xtrace/testkit";
import { basicAuth, PROJECT_A } from "../../src/test-system.ts";
import { REFERENCE_CASE } from "./cases.ts";
import type { LoadProcess } from "./load/load-process.ts";
import { readRedisBytes } from "./measure/redis-memory.ts";
import type { BenchOptions } from "./options.ts";
import { nextWorkload } from "./run-case.ts";
import { BENCH_ENV, REDIS_ARGS } from "./system/bench-system.ts";
import { startApp } from "./system/started-app.ts";

const OBSERVATIONS = 5_000;

/**
 * Question: how many bytes of Redis does an observation take while it waits? Asked of a gateway and
 * a Redis of their own, where no worker takes anything away.
 */
export async function measureQueuedBytes(load: LoadProcess, options: BenchOptions): Promise<number> {
  const { format, observationsPerBody, observationBytes } = REFERENCE_CASE;
  await using redis = await startRedisServer({ args: REDIS_ARGS });
  const { url, process } = await startApp("gateway", { ...BENCH_ENV, REDIS_URL: redis.url }, options.fromSources);
  const target = { url, authorization: basicAuth(PROJECT_A) };
  const shape = { format, observations: observationsPerBody, observationBytes };
  const send = async (observations: number) => {
    await load.prepare({ ...shape, bodies: observations / observationsPerBody, ...nextWorkload(options) });
    await load.saturate({ target, connections: options.connections, maxBacklog: Number.MAX_SAFE_INTEGER });
  };
  try {
    // Connections and scripts are there before the first reading.
    await send(OBSERVATIONS / 10);
    const before = await readRedisBytes(redis.url);
    await send(OBSERVATIONS);
    return ((await readRedisBytes(redis.url)) - before) / OBSERVATIONS;
  } finally {
    await process.stop();
  }
}
