import { Agent, request } from "node:http";
import { eventually, testRedisUrl } from "@xtrace/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRedisSystem } from "../../src/redis-system.ts";
import { basicAuth, type TestSystem } from "../../src/test-system.ts";
import { expectConserved } from "../support/conservation.ts";
import { missingRows } from "../support/fuzz/stored-rows.ts";
import { percentile } from "../support/percentile.ts";

const BOOT_TIMEOUT_MS = 120_000;
/** `OVERLOAD_SECONDS=60` for the long run. */
const SECONDS = Number(process.env["OVERLOAD_SECONDS"] ?? 6);
const TIMEOUT_MS = 120_000 + SECONDS * 3_000;

/** Requests under way at once: ten times those with which a gateway is at its limit. */
const SENDERS = 320;
/** Small, so that the queue is full within a second, and stays so. */
const QUEUE_BYTES = 4 * 1024 * 1024;
const MEMORY_BOUND_BYTES = 512 * 1024 * 1024;
const OBSERVATIONS = 10;
const INPUT = "x".repeat(1_400);

type Outcome = { readonly status: number; readonly retryAfter: string | undefined; readonly ms: number };

describe.skipIf(testRedisUrl() === undefined)("more than can be taken", () => {
  let system: TestSystem;
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS });
  beforeAll(async () => {
    system = await startRedisSystem({ QUEUE_MAX_BYTES: String(QUEUE_BYTES), ENQUEUE_DEADLINE_MS: "1500" });
  }, BOOT_TIMEOUT_MS);
  afterAll(async () => {
    agent.destroy();
    await system?.stop();
  });

  function write(serial: number): Promise<Outcome> {
    const observations = Array.from({ length: OBSERVATIONS }, (_, index) => ({
      id: `over-${serial}-${index}`,
      traceId: `over-${serial}`,
      type: "SPAN",
      input: INPUT,
    }));
    const body = JSON.stringify({ observations });
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const headers = {
        Authorization: basicAuth(system.projectA),
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(body),
      };
      const outgoing = request(`${system.ingestUrl}/v1/l/batch`, { method: "POST", agent, headers });
      outgoing.once("error", reject);
      outgoing.once("response", (response) => {
        response.resume().once("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers["retry-after"],
            ms: performance.now() - startedAt,
          }),
        );
      });
      outgoing.end(body);
    });
  }

  test("is refused with the time to come back, and what was taken is stored", { timeout: TIMEOUT_MS }, async () => {
    const until = performance.now() + SECONDS * 1_000;
    const taken: number[] = [];
    const refused: Outcome[] = [];
    let serial = 0;
    let mostMemory = 0;
    const watch = setInterval(() => {
      void system.memoryBytes().then(({ gateway = 0 }) => (mostMemory = Math.max(mostMemory, gateway)));
    }, 100);
    const send = async () => {
      while (performance.now() < until) {
        serial += 1;
        const own = serial;
        const outcome = await write(own);
        if (outcome.status === 200) taken.push(own);
        else refused.push(outcome);
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, send)).finally(() => clearInterval(watch));

    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
    for (const { retryAfter } of refused) expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
    expect(taken.length).toBeGreaterThan(0);
    expect(mostMemory).toBeGreaterThan(0);
    expect(mostMemory).toBeLessThan(MEMORY_BOUND_BYTES);

    await eventually(
      async () => expect(await system.queueCounts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 }),
      { timeoutMs: 90_000, intervalMs: 250 },
    );
    const ids = taken.flatMap((own) => Array.from({ length: OBSERVATIONS }, (_, index) => `over-${own}-${index}`));
    expect(
      await missingRows(
        system.databaseUrl,
        ids.map((id) => ({ table: "observations", id })),
      ),
    ).toEqual([]);
    await expectConserved(system);
    expect(await system.deadLetters()).toEqual([]);
    expect(system.deadProcesses()).toEqual([]);
    // Once the queue has room, whoever comes is served.
    await eventually(async () => expect((await write((serial += 1))).status).toBe(200), { timeoutMs: 15_000 });
    const refusalMs = percentile(
      refused.map(({ ms }) => ms),
      0.5,
    );
    console.log(
      `${SECONDS} s of ${SENDERS} senders: ${taken.length} taken, ${refused.length} refused in ${Math.round(refusalMs)} ms, ` +
        `gateway at most ${Math.round(mostMemory / 2 ** 20)} MiB`,
    );
  });
});
