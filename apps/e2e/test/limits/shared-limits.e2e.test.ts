import { setTimeout as sleep } from "node:timers/promises";
import { migrateDatabase } from "@xtrace/db";
import { createTestDatabase, eventually, hasRedisServer, startRedisServer, type RedisServer } from "@xtrace/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressOf, PATIENT_ENV, startApp, untilReady } from "../../src/app-process.ts";
import { buildOrCleanUp } from "../../src/cleanup.ts";
import { basicAuth, KEY_ENV, PROJECT_A, PROJECT_B, type ProjectKeys } from "../../src/test-system.ts";
import { send, type Answer } from "../support/api.ts";
import { mapConcurrently } from "../support/map-concurrently.ts";

const BOOT_TIMEOUT_MS = 120_000;
const BURST = 20;

type Pods = {
  readonly redis: RedisServer;
  readonly gateways: readonly string[];
  readonly queries: readonly string[];
  stop(): Promise<void>;
};

/** Two gateways and two query apps over one Redis, each with an address of its own. */
async function startPods(): Promise<Pods> {
  return await buildOrCleanUp(async (cleanup) => {
    const database = cleanup.use(await createTestDatabase({ migrate: migrateDatabase }));
    const redis = cleanup.use(await startRedisServer());
    const env = {
      ...KEY_ENV,
      ...PATIENT_ENV,
      ENQUEUE_DEADLINE_MS: "1000",
      REDIS_URL: redis.url,
      DATABASE_URL: database.url,
      BIND_ADDR: "127.0.0.1:0",
      INGEST_RATE_REQUESTS: "1",
      INGEST_RATE_BURST_SECONDS: String(BURST),
      RATE_LIMIT_QPS: "1",
      RATE_LIMIT_BURST: String(BURST),
    };
    const pods = (["gateway", "gateway", "query", "query"] as const).map((name) => cleanup.use(startApp(name, env)));
    const [first = "", second = "", third = "", fourth = ""] = await Promise.all(pods.map(addressOf));
    await Promise.all([first, second, third, fourth].map(untilReady));
    return { redis, gateways: [first, second], queries: [third, fourth], stop: () => cleanup.run() };
  });
}

const write = (url: string, project: ProjectKeys) =>
  send(`${url}/v1/l/batch`, {
    method: "POST",
    headers: { Authorization: basicAuth(project), "Content-Type": "application/json" },
    body: '{"trace":{"id":"t"}}',
  });
const read = (url: string, project: ProjectKeys) =>
  send(`${url}/api/public/traces`, { headers: { Authorization: basicAuth(project) } });

/** Three bursts of requests by turns to both pods, and how many seconds' worth came back meanwhile. */
async function flood(urls: readonly string[], request: (url: string) => Promise<Answer>) {
  const startedAt = performance.now();
  const targets = Array.from({ length: BURST * 3 }, (_, index) => urls[index % urls.length] ?? "");
  const answers = await mapConcurrently(targets, request);
  return { answers, refilled: (performance.now() - startedAt) / 1_000 };
}

describe.skipIf(!hasRedisServer())("pods over one Redis", () => {
  let pods: Pods;
  beforeAll(async () => {
    pods = await startPods();
  }, BOOT_TIMEOUT_MS);
  afterAll(() => pods?.stop());

  test.each([
    { title: "writes", urls: () => pods.gateways, request: write, other: read, others: () => pods.queries },
    { title: "reads", urls: () => pods.queries, request: read, other: write, others: () => pods.gateways },
  ])("$title of a key have one budget, of which every answer tells", async ({ urls, request, other, others }) => {
    const { answers, refilled } = await flood(urls(), (url) => request(url, PROJECT_A));
    const allowed = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 429);
    expect(allowed.length + refused.length).toBe(answers.length);
    expect(allowed.length).toBeGreaterThanOrEqual(BURST);
    expect(allowed.length).toBeLessThanOrEqual(BURST + Math.ceil(refilled));
    for (const { headers } of answers) expect(headers.get("ratelimit-limit")).toBe(String(BURST));
    for (const { headers, body } of refused) {
      expect(headers.get("ratelimit-remaining")).toBe("0");
      expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
      expect(body).toMatchObject({ code: "TOO_MANY_REQUESTS", error: "RateLimitExceededError" });
    }
    // Neither another key's nor the other kind's.
    for (const url of urls()) expect((await request(url, PROJECT_B)).status).toBe(200);
    for (const url of others()) expect([200, 429]).toContain((await other(url, PROJECT_B)).status);
  });

  test("a key that floods gets no more than one that asks now and then, which gets all of its own", async () => {
    const seconds = 4;
    const perSecond = { [PROJECT_A.projectId]: 100, [PROJECT_B.projectId]: 4 };
    await Promise.all([PROJECT_A, PROJECT_B].map((project) => flood(pods.gateways, (url) => write(url, project))));
    const counts = await Promise.all(
      [PROJECT_A, PROJECT_B].map(async (project) => {
        const pauseMs = 1_000 / (perSecond[project.projectId] ?? 1);
        const startedAt = performance.now();
        let allowed = 0;
        for (let index = 0; performance.now() - startedAt < seconds * 1_000; index += 1) {
          if ((await write(pods.gateways[index % 2] ?? "", project)).status === 200) allowed += 1;
          await sleep(pauseMs);
        }
        return allowed / ((performance.now() - startedAt) / 1_000);
      }),
    );
    // One a second each; the first and the last second are rarely whole.
    for (const rate of counts) expect(Math.abs(rate - 1)).toBeLessThanOrEqual(0.5);
  });

  test("while Redis is away reads go on and writes are the queue's to refuse; then the budget is one again", async () => {
    await pods.redis.kill();
    for (const url of pods.queries) {
      await eventually(async () => expect((await read(url, PROJECT_A)).status).toBe(200), { timeoutMs: 10_000 });
    }
    for (const url of pods.gateways) {
      await eventually(async () => expect((await write(url, PROJECT_A)).status).toBe(503), { timeoutMs: 10_000 });
    }
    await pods.redis.restart();
    await eventually(
      async () => {
        const { answers, refilled } = await flood(pods.queries, (url) => read(url, PROJECT_A));
        const allowed = answers.filter(({ status }) => status === 200).length;
        expect(allowed).toBeLessThanOrEqual(BURST + Math.ceil(refilled));
      },
      { timeoutMs: 20_000 },
    );
    await eventually(async () => expect((await write(pods.gateways[0] ?? "", PROJECT_B)).status).toBe(200), {
      timeoutMs: 20_000,
    });
  });
});
