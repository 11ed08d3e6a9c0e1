import { describeWithRedis } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { meetNewerGateway, NEWER_JOBS } from "../../src/scale/newer-gateway.ts";

const TIMEOUT_MS = 180_000;

describeWithRedis("a rollout that begins with the gateways", () => {
  describe.skipIf(process.platform !== "linux")("on Linux", () => {
    test(
      "leaves jobs of a newer version in the queue, holds up no others, and says so",
      async () => {
        const report = await meetNewerGateway();
        expect(report).toMatchObject({ lost: [], failures: [], left: NEWER_JOBS, failedJobs: 0, deadLetters: [] });
        expect(report.acknowledged).toBeGreaterThanOrEqual(150);
        expect(report.taken).toEqual(Array.from({ length: NEWER_JOBS }, (_, index) => `newer-${index}`));
        // Once in ten seconds, not for each of the jobs each time.
        expect(report.workerWarnings.length).toBeGreaterThan(0);
        expect(report.workerWarnings.length).toBeLessThan(NEWER_JOBS);
        expect(report.workerWarnings[0]).toContain("Jobs of version 2 are for a newer worker");
      },
      TIMEOUT_MS,
    );
  });
});
