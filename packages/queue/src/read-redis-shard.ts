import { INGEST_QUEUE } from "@xtrace/contract";
import { mastersOf, type RedisClient } from "./connect-redis.ts";
import type { QueueReading, ShardReading } from "./queue-reading.ts";

/**
 * Counts BullMQ's jobs, and the payload of a systematic sample of them: places at equal distances through waiting,
 * active and delayed jobs, from a random start. Lists are newest first, so the oldest is at their end.
 *
 * One round trip and a fixed number of constant-time commands, whatever the queue holds. All its keys are in the
 * shard's slot. Reads only, so it works on a Redis that is full.
 */
const READ_SHARD = `
local base, wait, paused, active, delayed, failed = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local want, start = tonumber(ARGV[1]), tonumber(ARGV[2])
local parts = {
  { key = wait, size = redis.call("LLEN", wait) },
  { key = paused, size = redis.call("LLEN", paused) },
  { key = active, size = redis.call("LLEN", active) },
  { key = delayed, size = redis.call("ZCARD", delayed), sorted = true },
}
local function idAt(part, index)
  if part.sorted then return redis.call("ZRANGE", part.key, index, index)[1] end
  return redis.call("LINDEX", part.key, index)
end

local total, oldest = 0, -1
for _, part in ipairs(parts) do
  total = total + part.size
  if part.size > 0 then
    local id = idAt(part, part.sorted and 0 or part.size - 1)
    local at = id and tonumber(redis.call("HGET", base .. id, "timestamp"))
    if at and (oldest < 0 or at < oldest) then oldest = at end
  end
end

local sampled, bytes = 0, 0
local samples = math.min(want, total)
local step = samples > 0 and total / samples or 0
for i = 0, samples - 1 do
  local index = math.floor((i + start) * step)
  for _, part in ipairs(parts) do
    if index < part.size then
      local id = idAt(part, index)
      if id then
        sampled = sampled + 1
        bytes = bytes + redis.call("HSTRLEN", base .. id, "data")
      end
      break
    end
    index = index - part.size
  end
end
return { parts[1].size + parts[2].size, parts[3].size, parts[4].size, redis.call("ZCARD", failed), sampled, bytes, oldest }
`;

const SAMPLES = 32;

export async function readRedisShard(client: RedisClient, prefix: string): Promise<ShardReading> {
  const base = `${prefix}:${INGEST_QUEUE}:`;
  const keys = ["", "wait", "paused", "active", "delayed", "failed"].map((key) => `${base}${key}`);
  const reply = (await client.eval(READ_SHARD, keys.length, ...keys, SAMPLES, Math.random())) as number[];
  const [waiting = 0, active = 0, delayed = 0, failed = 0, sampled = 0, sampleBytes = 0, oldest = -1] = reply;
  return { waiting, active, delayed, failed, sampled, sampleBytes, oldestAtMs: oldest < 0 ? null : oldest };
}

/** Of the fullest master. Without `maxmemory` the machine's memory is the limit. `null` where the server does not tell. */
export async function readRedisMemory(client: RedisClient): Promise<QueueReading["memory"]> {
  const all = await Promise.all(
    mastersOf(client).map(async (server) => {
      const info = await server.info("memory");
      const usedBytes = numberIn(info, "used_memory");
      return { usedBytes, limitBytes: numberIn(info, "maxmemory") || numberIn(info, "total_system_memory") };
    }),
  );
  const known = all.filter(({ usedBytes, limitBytes }) => usedBytes > 0 && limitBytes > 0);
  return known.toSorted((a, b) => b.usedBytes / b.limitBytes - a.usedBytes / a.limitBytes)[0] ?? null;
}

function numberIn(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
}
