import { Redis } from "ioredis";

/** A connection of its own for as long as `use` takes. */
export async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  redis.on("error", () => {});
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

/** What Redis uses of its `maxmemory`, from 0 to 1 and beyond. */
export async function memoryShare(url: string): Promise<number> {
  const info = await withRedis(url, (redis) => redis.info("memory"));
  const read = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1]);
  return read("used_memory") / read("maxmemory");
}
