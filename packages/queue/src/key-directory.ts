import { ApiKeyRecord } from "@xtrace/contract";
import { z } from "zod";
import { connectRedis } from "./connect-redis.ts";
import type { QueueOptions } from "./queue-options.ts";

/**
 * The active API keys, digests only, as workers publish them from PostgreSQL for the gateways, which
 * have no connection to it. One value, replaced as a whole, so a reader never sees half a change.
 */
export type KeyDirectory = {
  publish(keys: readonly ApiKeyRecord[]): Promise<void>;
  /** Empty when nothing was published yet. */
  read(): Promise<ApiKeyRecord[]>;
  close(): Promise<void>;
};

const COMMAND_TIMEOUT_MS = 2_000;
const Directory = z.array(ApiKeyRecord);

export function openKeyDirectory(options: QueueOptions): KeyDirectory {
  const client = connectRedis(options.url, { commandTimeoutMs: COMMAND_TIMEOUT_MS, onError: options.onError });
  const key = `${options.prefix}:api-keys`;
  return {
    async publish(keys) {
      await client.set(key, JSON.stringify(keys));
    },
    async read() {
      const text = await client.get(key);
      return text === null ? [] : Directory.parse(JSON.parse(text));
    },
    async close() {
      client.disconnect();
    },
  };
}
