import { describe } from "vitest";
import { testRedisUrl } from "./test-redis.ts";

/** `describe` for tests that need Redis; without one they are counted as skipped. */
export function describeWithRedis(name: string, define: () => void): void {
  describe.skipIf(testRedisUrl() === undefined)(name, define);
}
