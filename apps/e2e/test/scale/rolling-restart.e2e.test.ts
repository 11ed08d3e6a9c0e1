import { describeWithRedis } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { canRunHaproxy } from "../../src/deploy/haproxy.ts";
import { rollingRestart } from "../../src/scale/rolling-restart.ts";

const TIMEOUT_MS = 240_000;

describeWithRedis("a rollout", () => {
  describe.skipIf(!canRunHaproxy)("behind HAProxy", () => {
    test(
      "fails no request and loses nothing while every process is replaced",
      async () => {
        const { failures, lost, failedJobs, stalledJobs, stops, acknowledged, reads, logs } = await rollingRestart();
        expect({ failures, lost, failedJobs, stalledJobs }, logs.slice(-100).join("\n")).toEqual({
          failures: [],
          lost: [],
          failedJobs: 0,
          stalledJobs: 0,
        });
        expect(stops.map(({ pod, code }) => `${pod} ${code}`)).toEqual([
          "gateway-1 0",
          "gateway-2 0",
          "worker-1 0",
          "worker-2 0",
          "query-1 0",
          "query-2 0",
        ]);
        for (const { tookMs } of stops) expect(tookMs).toBeLessThan(15_000);
        expect(acknowledged.length).toBeGreaterThan(500);
        expect(reads).toBeGreaterThan(500);
        const took = stops.map(({ pod, tookMs }) => `${pod} ${tookMs} ms`).join(", ");
        console.log(`rollout: ${acknowledged.length} writes, ${reads} reads, none failed; ${took}`);
      },
      TIMEOUT_MS,
    );
  });
});
