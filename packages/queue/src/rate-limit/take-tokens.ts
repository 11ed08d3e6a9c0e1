import type { RateBudgets, RateTokens } from "@xtrace/contract";
import { isConnected, type RedisClient } from "../connect-redis.ts";

export type Taken = { readonly granted: RateTokens; readonly left: RateTokens };

/**
 * Takes up to `want` out of the bucket that all processes share, after `debtBytes` were paid off.
 * Grants nothing while less than one request, or no byte, is there.
 */
export type TakeTokens = (key: string, want: RateTokens, debtBytes: number) => Promise<Taken>;

/**
 * A bucket is a hash: what was left, and when, by Redis's clock, since the processes' own may differ.
 * It expires once it would be full again. A burst of -1 is no limit. Numbers cross as text: Redis
 * would cut the fraction off.
 */
const SCRIPT = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local saved = redis.call('HMGET', KEYS[1], 'requests', 'bytes', 'atMs')
local elapsed = math.max(0, now - (tonumber(saved[3]) or now))
local untilFull = 0

local function refill(left, rate, burst)
  if burst < 0 then return math.huge end
  return math.min(burst, (tonumber(left) or burst) + elapsed * rate)
end
local function keep(field, left, rate, burst)
  if burst < 0 then return '-1' end
  local text = string.format('%.6f', left)
  redis.call('HSET', KEYS[1], field, text)
  untilFull = math.max(untilFull, (burst - left) / rate)
  return text
end

local requestRate, requestBurst = tonumber(ARGV[1]), tonumber(ARGV[2])
local byteRate, byteBurst = tonumber(ARGV[3]), tonumber(ARGV[4])
local requests = refill(saved[1], requestRate, requestBurst)
local bytes = refill(saved[2], byteRate, byteBurst) - tonumber(ARGV[7])
local grantedRequests, grantedBytes = 0, 0
if requests >= 1 and bytes > 0 then
  grantedRequests = math.min(tonumber(ARGV[5]), math.floor(requests))
  grantedBytes = math.min(tonumber(ARGV[6]), bytes)
end

redis.call('HSET', KEYS[1], 'atMs', string.format('%.3f', now))
local requestsLeft = keep('requests', requests - grantedRequests, requestRate, requestBurst)
local bytesLeft = keep('bytes', bytes - grantedBytes, byteRate, byteBurst)
redis.call('PEXPIRE', KEYS[1], math.ceil(untilFull) + 1000)
return { grantedRequests, string.format('%.6f', grantedBytes), requestsLeft, bytesLeft }
`;

type Script = (key: string, ...args: readonly number[]) => Promise<[number, string, string, string]>;

/** Rejects at once while `client` is not connected. */
export function createTakeTokens(client: RedisClient, keyPrefix: string, { requests, bytes }: RateBudgets): TakeTokens {
  client.defineCommand("takeTokens", { numberOfKeys: 1, lua: SCRIPT });
  // ioredis adds the command to the object and not to its type.
  const { takeTokens } = client as unknown as { takeTokens: Script };
  const budgets = [requests, bytes].flatMap((budget) => (budget ? [budget.perSecond / 1_000, budget.burst] : [0, -1]));

  return async function take(key, want, debtBytes) {
    if (!isConnected(client)) throw new Error("Redis is not connected");
    const wanted = [requests ? want.requests : 0, bytes ? want.bytes : 0, bytes ? debtBytes : 0];
    const answer = await takeTokens.call(client, `${keyPrefix}${key}`, ...budgets, ...wanted);
    return {
      granted: { requests: answer[0], bytes: Number(answer[1]) },
      left: { requests: requests ? Number(answer[2]) : Infinity, bytes: bytes ? Number(answer[3]) : Infinity },
    };
  };
}
