import { randomBytes } from "node:crypto";
import { INGEST_JOB_VERSION, noEvents } from "@xtrace/contract";
import { createApiKey, migrateDatabase, openDatabase } from "@xtrace/db";
import { openProducer } from "@xtrace/queue";
import { createDoor, createTestDatabase, eventually, hasRedisServer, startRedisServer } from "@xtrace/testkit";
import postgres from "postgres";
import { expect, test } from "vitest";
import { startRedisSystem } from "../../src/redis-system.ts";
import { basicAuth } from "../../src/test-system.ts";
import { send, type Answer } from "../support/api.ts";

/** In nothing but the secrets and in what users send. */
const SECRET = {
  fixedKey: "sk-marker-fixed-5e1f0a",
  bearer: "bearer-marker-77c1d2",
  wrongKey: "sk-marker-wrong-90ab3c",
  databasePassword: "db-marker-4f6e21",
  redisPassword: "redis-marker-b83d9e",
};
const CONTENT = "content-marker-1c9f44";

const PREFIX = "{secrets}";
const timestamp = "2026-01-02T03:04:05.000Z";

async function setup() {
  const server = await createTestDatabase({ migrate: migrateDatabase });
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  const role = `marked_${randomBytes(6).toString("hex")}`;
  await sql.unsafe(`create role ${role} superuser login password '${SECRET.databasePassword}'`);
  const marked = new URL(server.url);
  marked.username = role;
  marked.password = SECRET.databasePassword;
  const door = await createDoor(marked.href);
  await door.open();
  const redis = await startRedisServer();
  const admit = () => redis.command("ACL", "SETUSER", "marked", "on", `>${SECRET.redisPassword}`, "~*", "&*", "+@all");
  await admit();
  const redisUrl = redis.url.replace("://", `://marked:${SECRET.redisPassword}@`);
  const database = openDatabase({ url: server.url, poolSize: 1, applicationName: "test", statementTimeoutMs: 5_000 });
  const stored = await createApiKey(database.db, { projectId: "stored", scopes: ["ingest", "read", "admin"] });
  const system = await startRedisSystem({
    LOG_LEVEL: "trace",
    DATABASE_URL: door.url,
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: PREFIX,
    XTRACE_SECRET_KEY: SECRET.fixedKey,
    API_BEARER_TOKEN: SECRET.bearer,
    KEY_REFRESH_MS: "300",
    ENQUEUE_DEADLINE_MS: "1000",
    STATEMENT_TIMEOUT_MS: "3000",
  });
  return {
    system,
    door,
    redis,
    admit,
    redisUrl,
    stored,
    async [Symbol.asyncDispose]() {
      await system.stop();
      await database.close();
      await door[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
      await sql.unsafe(`drop role ${role}`);
      await sql.end();
      await server[Symbol.asyncDispose]();
    },
  };
}

const trace = (id: string) => ({
  id,
  name: CONTENT,
  userId: CONTENT,
  input: { text: CONTENT },
  metadata: { [CONTENT]: CONTENT },
});

/** Good and bad bodies of every protocol, all with the marker in them. */
const BODIES: ReadonlyArray<readonly [path: string, body: unknown, contentType?: string]> = [
  ["/v1/l/batch", { trace: trace("t1"), observations: [{ id: "o", traceId: "t1", output: CONTENT }] }],
  [
    "/v1/l/batch",
    { trace: trace("t2"), observations: [{ id: CONTENT, traceId: "t2", type: CONTENT, startTime: CONTENT }] },
  ],
  ["/v1/l/batch", { projectId: CONTENT, trace: trace("t3") }],
  ["/v1/l/batch", `{"trace": "${CONTENT}`],
  ["/v1/l/batch", `{"a": 1e400, "b": "${CONTENT}"}`],
  ["/v1/l/batch", `${"[".repeat(500)}"${CONTENT}"${"]".repeat(500)}`],
  ["/v1/l/batch", CONTENT, `text/${CONTENT}`],
  ["/v1/metrics/batch", { metrics: [{ name: CONTENT, value: CONTENT, labels: { [CONTENT]: CONTENT } }] }],
  ["/api/public/ingestion", { batch: [{ id: CONTENT, type: "trace-create", timestamp, body: trace("t4") }] }],
  ["/api/public/ingestion", { batch: [{ id: "e", type: CONTENT, timestamp: CONTENT, body: { input: CONTENT } }] }],
  ["/api/public/scores", { name: CONTENT, value: { [CONTENT]: CONTENT }, traceId: "t1" }],
  ["/v1/traces", { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: CONTENT, name: CONTENT }] }] }] }],
  ["/v1/traces", Buffer.from(`\n\u00ff${CONTENT}`), "application/x-protobuf"],
];

const READS = ["traces", "observations", "sessions", "scores", "v2/observations", "metrics/daily", "traces/nowhere"];

test.skipIf(!hasRedisServer())(
  "no secret is in any log, metric or error, and of what users send nothing is in logs and metrics",
  async () => {
    await using marked = await setup();
    const { system, door, redis, stored } = marked;
    const good = [
      basicAuth({ ...system.projectA, secretKey: SECRET.fixedKey }),
      `Bearer ${SECRET.bearer}`,
      basicAuth({ ...system.projectA, publicKey: stored.publicKey, secretKey: stored.secretKey }),
    ];
    const bad = [
      basicAuth({ ...system.projectA, secretKey: SECRET.wrongKey }),
      `Bearer ${SECRET.wrongKey}`,
      SECRET.wrongKey,
    ];
    const errors: Answer[] = [];
    const ask = async (path: string, init: RequestInit) => {
      const answer = await send(`${system.baseUrl}${path}`, init);
      if (answer.status >= 400) errors.push(answer);
      return answer.status;
    };
    const post = (authorization: string, [path, body, type = "application/json"]: (typeof BODIES)[number]) => {
      const isRaw = typeof body === "string" || body instanceof Uint8Array;
      const headers = { authorization, "content-type": type };
      return ask(path, { method: "POST", headers, body: isRaw ? (body as string) : JSON.stringify(body) });
    };
    const read = (authorization: string) =>
      Promise.all(
        READS.map((path) =>
          ask(`/api/public/${path}?userId=${CONTENT}&name=${CONTENT}`, {
            headers: { authorization },
          }),
        ),
      );
    const round = async () => {
      const statuses: number[] = [];
      for (const authorization of [...good, ...bad]) {
        for (const body of BODIES) statuses.push(await post(authorization, body));
        statuses.push(...(await read(authorization)));
      }
      return new Set(statuses);
    };

    await eventually(async () => expect((await post(good[2] ?? "", BODIES[0] as never)) === 200).toBe(true), {
      timeoutMs: 15_000,
    });
    expect([...(await round())].sort()).toEqual(expect.arrayContaining([200, 400, 401]));

    // Past the gateway: what PostgreSQL refuses, with a message that quotes it, and what nobody can read.
    const producer = openProducer({ url: marked.redisUrl, prefix: PREFIX, deadlineMs: 5_000, onError: () => {} });
    await eventually(() => producer.ping());
    const refused = { id: "nul", stamp: 1, name: `${CONTENT} \u0000`, metadata: { [CONTENT]: "\u0000" } };
    const long = { id: "long", stamp: 1, name: CONTENT + randomBytes(10_000).toString("hex") };
    for (const traces of [[refused, long], [{ id: 7, name: CONTENT }]]) {
      const events = { ...noEvents(), traces: traces as never };
      await producer.add({ v: INGEST_JOB_VERSION, projectId: system.projectA.projectId, receivedAtUs: 1, events });
    }
    await producer.close();
    await eventually(
      async () =>
        expect(system.logs().filter((line) => line.includes("became a dead letter")).length).toBeGreaterThanOrEqual(3),
      { timeoutMs: 20_000 },
    );
    expect(
      await ask("/api/dead-letters/replay", {
        method: "POST",
        headers: { authorization: good[1] ?? "", "content-type": "application/json" },
        body: JSON.stringify({ all: true }),
      }),
    ).toBe(202);
    await eventually(async () => expect(system.logs().join("\n")).toContain('"outcome":"refused"'), {
      timeoutMs: 15_000,
    });

    await door.close();
    expect([...(await round())]).toEqual(expect.arrayContaining([200, 503]));
    await eventually(async () => expect(system.logs().join("\n")).toContain("batch will be tried again"), {
      timeoutMs: 20_000,
    });
    await redis.kill();
    expect([...(await round())]).toEqual(expect.arrayContaining([503]));
    await door.open();
    await redis.restart();
    await marked.admit();
    await eventually(async () => expect(await post(good[0] ?? "", BODIES[0] as never)).toBe(200), {
      timeoutMs: 30_000,
    });

    const logs = system.logs().join("\n");
    const urls = [system.ingestUrl, system.baseUrl, /"health":"(http[^"]+)"/.exec(logs)?.[1] ?? ""];
    const metrics = await Promise.all(urls.map(async (url) => await (await fetch(`${url}/metrics`)).text()));
    const places = { logs, metrics: metrics.join("\n"), errors: errors.map(({ text }) => text).join("\n") };
    expect(metrics.every((text) => text.includes("xtrace_"))).toBe(true);
    expect(new Set(errors.map(({ status }) => status)).size).toBeGreaterThan(3);
    const secrets = [
      ...Object.values(SECRET),
      stored.secretKey,
      ...good.map((header) => header.split(" ")[1] ?? header),
    ];
    for (const [place, text] of Object.entries(places)) {
      for (const secret of secrets) expect.soft(linesWith(text, secret), `${secret} in ${place}`).toEqual([]);
    }
    for (const place of ["logs", "metrics"] as const) {
      expect.soft(linesWith(places[place], CONTENT), `what users sent in ${place}`).toEqual([]);
    }
  },
  180_000,
);

/** The lines that hold it, cut, for the report. */
function linesWith(text: string, marker: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.includes(marker))
    .map((line) => line.slice(0, 600))
    .slice(0, 3);
}
