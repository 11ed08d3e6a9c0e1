import { PassThrough } from "node:stream";
import { WRITE_METHODS } from "@xtrace/contract";
import { openDatabase } from "@xtrace/db";
import {
  createKeyRing,
  createLogger,
  createMemoryRateLimiter,
  createMetrics,
  createReadiness,
  hashSecret,
} from "@xtrace/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertTraces } from "../test/rows.ts";
import { setupQuery, T0_US, type TestQuery } from "../test/setup-query.ts";

let query: TestQuery;
beforeAll(async () => {
  query = await setupQuery();
});
afterAll(() => query[Symbol.asyncDispose]());

describe("authentication", () => {
  test("refuses a request without a known key", async () => {
    for (const authorization of [undefined, "Bearer wrong", "Basic d3Jvbmc6d3Jvbmc=", "Digest x", ""]) {
      const headers = authorization === undefined ? {} : { Authorization: authorization };
      const response = await query.app.request("/api/public/traces", { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).toBe('Basic realm="xtrace", Bearer');
      expect(await response.json()).toMatchObject({ code: "UNAUTHORIZED", error: "UnauthorizedError" });
    }
  });

  test("refuses a key that may not read, a browser's too", async () => {
    const ingestOnly = query.project({ scopes: ["ingest", "admin"] });
    const { status, body } = await ingestOnly.get("/api/public/traces");
    expect([status, body.code, body.error]).toEqual([403, "FORBIDDEN", "ForbiddenError"]);
    const [publicKey] = Buffer.from(ingestOnly.authorization.slice("Basic ".length), "base64").toString().split(":");
    const browser = await query.app.request("/api/public/traces", {
      headers: { Authorization: `Bearer ${publicKey}` },
    });
    expect(browser.status).toBe(403);
  });

  test("takes a bearer token", async () => {
    const keyRing = createKeyRing([
      { projectId: "p", publicKey: null, secretHash: hashSecret("a-bearer-token"), scopes: ["read"] },
    ]);
    await using own = await setupQuery({ keyRing });
    const response = await own.app.request("/api/public/traces", {
      headers: { Authorization: "Bearer a-bearer-token" },
    });
    expect(response.status).toBe(200);
  });

  test("tells a caller without a key of the open project, and nothing more", async () => {
    await using own = await setupQuery({ openProjectId: "open" });
    const projects = await own.app.request("/api/public/projects");
    expect(await projects.json()).toMatchObject({ data: [{ id: "open" }] });
    const madeUp = await own.app.request("/api/public/projects", { headers: { Authorization: "Basic bm86cGFpcg==" } });
    expect(madeUp.status).toBe(200);
    expect((await own.app.request("/api/public/traces")).status).toBe(401);
    const wrong = await own.app.request("/api/public/projects", { headers: { Authorization: "Bearer wrong" } });
    expect(wrong.status).toBe(401);
  });

  test("answers an unknown path with 401 before 404", async () => {
    expect((await query.app.request("/api/public/nope")).status).toBe(401);
    const { status, body } = await query.project().get("/api/public/nope");
    expect([status, body.code]).toEqual([404, "NOT_FOUND"]);
  });
});

test("a path that is served by other methods answers 405 and names them", async () => {
  const admin = query.project({ scopes: ["read", "ingest", "admin"] });
  for (const [method, path, allow] of [
    ["PATCH", "/api/public/traces/x", "GET, DELETE"],
    ["DELETE", "/api/public/projects", "GET"],
    ["POST", "/api/public/v2/scores/x", "GET"],
    ["DELETE", "/api/public/ingestion", "POST"],
    ["PUT", "/v1/traces", "POST"],
    ["DELETE", "/api/public/spans", "POST, PATCH"],
    ["PUT", "/api/public/traces", "GET, DELETE, POST"],
    ["PUT", "/api/public/scores", "GET, POST"],
  ] as const) {
    const { status, headers, body } = await admin.send(method, path, {});
    expect([status, headers.get("allow")], `${method} ${path}`).toEqual([405, allow]);
    expect(body).toMatchObject({ message: "Method not allowed", error: "MethodNotAllowedError" });
  }
  for (const path of ["/api/public/ingestion", "/api/public/events", "/api/public/generations"]) {
    expect((await admin.get(path)).status, path).toBe(405);
  }
  expect((await admin.send("PUT", "/api/public/nothing", {})).status).toBe(404);
});

test("a slash at the end of a path changes nothing", async () => {
  const { get } = query.project();
  for (const path of ["/api/public/scores", "/api/public/v2/prompts", "/api/public/projects"]) {
    expect((await get(`${path}/?limit=1`)).status, path).toBe(200);
  }
  expect((await get("/api/public/prompts/?name=none")).body).toMatchObject({ error: "LangfuseNotFoundError" });
  expect((await query.app.request("/api/public/scores/")).status).toBe(401);
});

describe("what needs no key", () => {
  test.each(["/healthz", "/livez", "/readyz", "/metrics", "/openapi.json", "/api/public/health", "/api/public/ready"])(
    "%s",
    async (path) => {
      expect((await query.app.request(path)).status).toBe(200);
    },
  );

  test("/readyz names the database when it is away, and draining", async () => {
    const readiness = createReadiness();
    await using own = await setupQuery({ readiness, ping: () => Promise.reject(new Error("away")) });
    const away = await own.app.request("/readyz");
    expect([away.status, await away.json()]).toEqual([503, { status: "not_ready", failures: ["database"] }]);
    readiness.startDraining();
    expect(await (await own.app.request("/readyz")).json()).toMatchObject({ failures: ["draining"] });
  });
});

describe("answers", () => {
  test("carry a request id and secure headers, errors too", async () => {
    const { headers, body } = await query.project().get("/api/public/traces/nope");
    expect(body.requestId).toBe(headers.get("X-Request-Id"));
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
  });

  test("refuse U+0000 anywhere in the address", async () => {
    const { status, body } = await query.project().get("/api/public/traces?name=a%00&tags=%00&page=1");
    expect(status).toBe(400);
    expect(body.details).toEqual([
      { path: "name", message: "holds U+0000" },
      { path: "tags", message: "holds U+0000" },
    ]);
    expect((await query.project().get("/api/public/traces/a%00b")).body.details).toMatchObject([{ path: "path" }]);
  });
});

test("requests are timed by route and status, not by path", async () => {
  const metrics = createMetrics({ process: "test" });
  await using own = await setupQuery({ metrics });
  for (const path of ["traces/1", "traces/2", "nope/1"]) await own.project().get(`/api/public/${path}`);
  await own.app.request("/api/public/traces");
  const text = await (await own.app.request("/metrics")).text();
  const counts = text
    .match(/^xtrace_query_request_duration_seconds_count.*$/gm)
    ?.map((line) => line.replace(/process="test",?/, ""));
  expect(counts?.toSorted()).toEqual([
    'xtrace_query_request_duration_seconds_count{route="/api/*",status="404"} 1',
    'xtrace_query_request_duration_seconds_count{route="/api/public/traces",status="401"} 1',
    'xtrace_query_request_duration_seconds_count{route="/api/public/traces/:traceId",status="404"} 2',
  ]);
});

describe("rate limit", () => {
  test("allows a burst of each key, then answers 429 until there is one again", async () => {
    let nowMs = 0;
    const budgets = { requests: { perSecond: 10, burst: 3 }, bytes: null };
    await using own = await setupQuery({ limiter: createMemoryRateLimiter(budgets, () => nowMs) });
    const [busy, calm] = [own.project(), own.project()];
    for (const remaining of ["2", "1", "0"]) {
      const { status, headers } = await busy.get("/api/public/traces");
      expect([status, headers.get("RateLimit-Limit"), headers.get("RateLimit-Remaining")]).toEqual([
        200,
        "3",
        remaining,
      ]);
    }
    const refused = await busy.get("/api/public/traces");
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThanOrEqual(1);
    expect(refused.body).toMatchObject({
      message: "Too Many Requests: this key has used up its 3 requests, try again in 1 s",
      code: "TOO_MANY_REQUESTS",
      meta: { rate_limit: { remaining: 0, reset_at: "2026-01-01T00:00:01.000Z" } },
    });
    expect((await calm.get("/api/public/traces")).status).toBe(200);
    nowMs += 100;
    expect((await busy.get("/api/public/traces")).status).toBe(200);
    expect(await (await own.app.request("/metrics")).text()).toContain(
      'xtrace_rate_limited_total{scope="query",budget="requests",process="query-test"} 1',
    );
  });

  test("lets a key write more at once than it may read", async () => {
    const budgets = { requests: { perSecond: 1, burst: 2 }, bytes: null };
    await using own = await setupQuery({ limiter: createMemoryRateLimiter(budgets, () => 0) });
    const project = own.project({ scopes: ["ingest", "read"] });
    const names = Array.from({ length: 10 }, (_, index) => `dataset-${index}`);
    const made = await Promise.all(names.map((name) => project.send("POST", "/api/public/v2/datasets", { name })));
    expect(made.map(({ status }) => status)).toEqual(names.map(() => 200));
    const read = await Promise.all(names.map((name) => project.get(`/api/public/v2/datasets/${name}`)));
    expect(read.map(({ status }) => status).toSorted()).toEqual([200, 200, ...Array(8).fill(429)]);
  });

  test("counts the bytes of answers", async () => {
    let nowMs = 0;
    const budgets = { requests: null, bytes: { perSecond: 10, burst: 100 } };
    await using own = await setupQuery({ limiter: createMemoryRateLimiter(budgets, () => nowMs) });
    const project = own.project();
    const { body, headers } = await project.get("/api/public/projects");
    expect([headers.get("RateLimit-Limit"), headers.get("RateLimit-Remaining")]).toEqual(["100", "100"]);
    const owed = JSON.stringify(body).length - 100;
    expect(owed).toBeGreaterThan(0);
    const refused = await project.get("/api/public/projects");
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, String(Math.ceil((owed + 1) / 10))]);
    nowMs += (owed + 1) * 100;
    expect((await project.get("/api/public/projects")).status).toBe(200);
  });

  test("is off at 0 requests per second", async () => {
    const project = query.project();
    const answers = await Promise.all(Array.from({ length: 60 }, () => project.get("/api/public/metrics/names")));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers[0]?.headers.get("RateLimit-Limit")).toBeNull();
  });

  test("tells an admin key what its own project was refused", async () => {
    await using own = await setupQuery({ rateLimit: { qps: 1, burst: 1 } });
    const admin = own.project({ scopes: ["read", "admin"] });
    const other = own.project({ scopes: ["read", "admin"] });
    for (const project of [admin, other]) await project.get("/api/public/traces");
    for (let i = 0; i < 3; i += 1) await admin.get("/api/public/traces");
    const { status, body } = await admin.get("/api/internal/rate_limit_stats");
    expect(status).toBe(200);
    expect(body).toEqual({
      rate_limit_qps: 1,
      rate_limit_burst: 1,
      total_allowed: 1,
      total_rejected: 3,
      rejection_rate: 0.75,
      top_rejected_tokens: [{ token: expect.stringMatching(/^pk-/), count: 3 }],
    });
    expect((await other.get("/api/internal/rate_limit_stats")).body).toMatchObject({
      total_allowed: 1,
      total_rejected: 0,
    });
    expect((await own.project().get("/api/internal/rate_limit_stats")).status).toBe(403);
    expect((await own.app.request("/api/internal/rate_limit_stats")).status).toBe(401);
  });
});

describe("a failing database", () => {
  const unreachable = () =>
    openDatabase({
      url: "postgres://nobody@127.0.0.1:1/none",
      poolSize: 1,
      applicationName: "query-test",
      statementTimeoutMs: 1000,
    });

  test("reads as 503 with Retry-After when it is away", async () => {
    await using away = unreachable();
    await using own = await setupQuery({ db: away.db });
    const { status, headers, body } = await own.project().get("/api/public/traces");
    expect([status, headers.get("Retry-After"), body.code]).toEqual([503, "1", "SERVICE_UNAVAILABLE"]);
    expect(body.message).toBe("The database is not available");
  });

  test("reads as 503 when a query takes too long", async () => {
    await using own = await setupQuery({ statementTimeoutMs: 200 });
    const project = own.project();
    const { db } = own.database;
    await db.transaction(async (tx) => {
      // The lock is held while nothing is said, which the database would end as soon as it cancels the query.
      await tx.execute("set local idle_in_transaction_session_timeout = 0");
      await tx.execute("lock table traces in access exclusive mode");
      const { status, body } = await project.get("/api/public/traces?name=x");
      expect([status, body.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
    });
  });

  test("reads as 500 on a bug, and logs it without a query's parameters", async () => {
    const lines: string[] = [];
    const destination = new PassThrough().on("data", (line) => lines.push(String(line)));
    await using own = await setupQuery({ log: createLogger({ name: "t", level: "info", destination }) });
    const { db } = own.database;
    await db.execute("alter table traces rename column user_id to nobody");
    const { status, body } = await own.project().get("/api/public/traces?userId=a-private-name");
    expect([status, body.message]).toEqual([500, "Internal server error"]);
    const log = lines.join("");
    expect(log).toContain("user_id");
    expect(log).toContain("countTraces");
    expect(log).not.toContain("a-private-name");
  });
});

test("/openapi.json describes every route, those of the gateway too, and both ways to authenticate", async () => {
  const document = JSON.parse(await (await query.app.request("/openapi.json")).text());
  expect(document).toMatchObject({
    openapi: "3.1.0",
    info: { version: "0.0.0-test" },
    components: { securitySchemes: { Basic: { scheme: "basic" }, Bearer: { scheme: "bearer" } } },
  });
  const served = query.app.routes.filter(({ method, path }) => method !== "ALL" && path.startsWith("/api/"));
  const operations = Object.entries<Record<string, { summary?: string; responses: object }>>(document.paths).flatMap(
    ([path, item]) => Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  );
  const own = served.map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  const writes = [...WRITE_METHODS].flatMap(([path, methods]) =>
    methods.map((method) => `${method.toLowerCase()} ${path}`),
  );
  expect(new Set(operations.map(({ name }) => name))).toEqual(new Set([...own, ...writes]));
  expect(own.length).toBeGreaterThanOrEqual(8);
  for (const { name, operation } of operations) expect(operation.summary, name).toEqual(expect.any(String));
  const statusesOf = (names: readonly string[]) =>
    operations.filter(({ name }) => names.includes(name)).map(({ operation }) => Object.keys(operation.responses));
  for (const statuses of statusesOf(own)) expect(statuses.filter((status) => status.startsWith("2"))).toHaveLength(1);
  for (const statuses of statusesOf(writes)) expect(statuses).toEqual(expect.arrayContaining(REFUSALS_OF_WRITES));
  const parameters = document.paths["/api/public/traces"].get.parameters.map(({ name }: { name: string }) => name);
  expect(parameters).toEqual(expect.arrayContaining(["page", "limit", "tags", "fields", "orderBy", "fromTimestamp"]));
});

const REFUSALS_OF_WRITES = ["400", "401", "403", "408", "413", "415", "429", "431", "503"];

test("a key sees its own project only, on every list", async () => {
  const [a, b] = [query.project(), query.project()];
  await insertTraces(query.database.db, a.projectId, [{ id: "t", sessionId: "s", userId: "u", timestamp: T0_US }]);
  for (const search of [
    "traces",
    "traces?userId=u",
    "traces?sessionId=s",
    "sessions",
    "observations",
    "v2/observations",
  ]) {
    const { status, body } = await b.get(`/api/public/${search}`);
    expect([search, status, body.data]).toEqual([search, 200, []]);
  }
  expect((await b.get("/api/public/traces/t")).status).toBe(404);
  expect((await a.get("/api/public/traces/t")).status).toBe(200);
});
