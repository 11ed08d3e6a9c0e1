import { randomUUID } from "node:crypto";
import type { RedisClient } from "./connect-redis.ts";
import { ACCEPTED_KEY } from "./count-accepted.ts";
import { MAX_TALLIED_JOBS, type QueueTally } from "./queue-tally.ts";

const LISTS = ["wait", "paused", "active"];
const SETS = ["prioritized", "delayed", "failed"];

/** `toKey` makes a key of the queue's. One transaction, so that no job is on its way between two lists. */
export async function readRedisTally(connection: RedisClient, toKey: (type: string) => string): Promise<QueueTally> {
  const counterKey = toKey(ACCEPTED_KEY);
  const isLong = (await countJobs(connection, toKey)) > MAX_TALLIED_JOBS;
  const transaction = connection.multi().hmget(counterKey, "since", "events");
  if (!isLong) {
    for (const list of LISTS) transaction.lrange(toKey(list), 0, -1);
    for (const set of SETS) transaction.zrange(toKey(set), "0", "-1");
  }
  const results = (await transaction.exec()) ?? [];
  const [counter, ...ids] = results.map(([error, value]) => {
    if (error) throw error;
    return value;
  }) as [[string | null, string | null], ...string[][]];
  const [since, events] = counter;
  if (since === null && events !== null) {
    // Whoever comes first names it.
    await connection.hsetnx(counterKey, "since", randomUUID());
    return await readRedisTally(connection, toKey);
  }
  return { counter: since ?? "", accepted: Number(events ?? 0), jobIds: isLong ? null : ids.flat() };
}

async function countJobs(connection: RedisClient, toKey: (type: string) => string): Promise<number> {
  const counts = await Promise.all([
    ...LISTS.map((list) => connection.llen(toKey(list))),
    ...SETS.map((set) => connection.zcard(toKey(set))),
  ]);
  return counts.reduce((sum, count) => sum + count, 0);
}
