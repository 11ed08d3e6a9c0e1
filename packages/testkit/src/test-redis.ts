import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";

/** The Redis of this test run, or `undefined` if there is none. The global setup puts it there. */
export function testRedisUrl(): string | undefined {
  return process.env["TEST_REDIS_URL"] || undefined;
}

export type TestRedis = {
  readonly url: string;
  /** To begin the names of all keys with, alone or in the braces of a hash tag; no one else's contains it. */
  readonly prefix: string;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A part of the run's Redis that belongs to one test and is emptied on dispose. */
export async function createTestRedis(): Promise<TestRedis> {
  const url = testRedisUrl();
  if (url === undefined) throw new Error("There is no Redis in this run; put the test into `describeWithRedis`");
  const prefix = `test-${randomBytes(6).toString("hex")}`;
  return { url, prefix, [Symbol.asyncDispose]: () => deleteKeys(url, `*${prefix}*`) };
}

async function deleteKeys(url: string, pattern: string): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    // Declared as `any`.
    const pages: AsyncIterable<string[]> = redis.scanStream({ match: pattern, count: 1_000 });
    for await (const keys of pages) if (keys.length > 0) await redis.unlink(...keys);
  } finally {
    redis.disconnect();
  }
}
