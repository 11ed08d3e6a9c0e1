import { randomUUID } from "node:crypto";
import type { ApiKeyRecord, RateLimiter, Scope } from "@xtrace/contract";
import { migrateDatabase, openDatabase, type OpenDatabase } from "@xtrace/db";
import {
  createKeyRing,
  createLogger,
  createMemoryRateLimiter,
  createMetrics,
  createReadiness,
  hashSecret,
} from "@xtrace/runtime";
import { createTestDatabase } from "@xtrace/testkit";
import { createQueryApp, type QueryAppDeps } from "../src/app.ts";

/** 2026-01-01T00:00:00Z, in Unix epoch microseconds. */
export const T0_US = 1_767_225_600_000_000;
export const SECOND_US = 1_000_000;

const READ_ONLY: readonly Scope[] = ["read"];

/** An answer's body, as loosely typed as a stranger's client sees it. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests read arbitrary JSON
export type Body = any;

export type TestProject = {
  readonly projectId: string;
  readonly authorization: string;
  get(path: string): Promise<TestAnswer>;
  /** With `body` as JSON, if there is one. */
  send(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<TestAnswer>;
};

type TestAnswer = { readonly status: number; readonly headers: Headers; readonly body: Body };

export type TestQuery = AsyncDisposable & {
  readonly app: ReturnType<typeof createQueryApp>;
  readonly database: OpenDatabase;
  /** A new project with a key of its own, so that tests in one database never meet. */
  project(options?: { readonly id?: string; readonly scopes?: readonly Scope[] }): TestProject;
};

function limiterOf({ qps, burst } = { qps: 0, burst: 40 }): RateLimiter | null {
  return qps === 0 ? null : createMemoryRateLimiter({ requests: { perSecond: qps, burst }, bytes: null });
}

/** The read API over a database of its own. */
export async function setupQuery(
  overrides: Partial<QueryAppDeps> & { statementTimeoutMs?: number } = {},
): Promise<TestQuery> {
  const server = await createTestDatabase({ migrate: migrateDatabase });
  const database = openDatabase({
    url: server.url,
    poolSize: 4,
    applicationName: "query-test",
    statementTimeoutMs: overrides.statementTimeoutMs ?? 20_000,
  });
  const keys: ApiKeyRecord[] = [];
  const keyRing = createKeyRing([]);
  const app = createQueryApp({
    db: database.db,
    ping: database.ping,
    keyRing,
    openProjectId: null,
    nowUs: () => T0_US,
    media: { maxBytes: 1_000_000, publicUrl: null },
    rateLimit: { qps: 0, burst: 40 },
    readiness: createReadiness(),
    metrics: createMetrics({ process: "query-test" }),
    log: createLogger({ name: "query-test", level: process.env["TEST_LOG_LEVEL"] ?? "silent" }),
    version: "0.0.0-test",
    limiter: limiterOf(overrides.rateLimit),
    ...overrides,
  });

  return {
    app,
    database,
    project({ id = `project-${randomUUID()}`, scopes = READ_ONLY } = {}) {
      const publicKey = `pk-${randomUUID()}`;
      keys.push({ projectId: id, publicKey, secretHash: hashSecret(`sk-${publicKey}`), scopes: [...scopes] });
      keyRing.replace(keys);
      const authorization = `Basic ${Buffer.from(`${publicKey}:sk-${publicKey}`).toString("base64")}`;
      const ask = async (path: string, init: RequestInit) => {
        const headers = { Authorization: authorization, "Content-Type": "application/json" };
        const response = await app.request(path, { headers, ...init });
        return { status: response.status, headers: response.headers, body: await response.json() };
      };
      return {
        projectId: id,
        authorization,
        get: (path) => ask(path, {}),
        send: (method, path, body) =>
          ask(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
      };
    },
    async [Symbol.asyncDispose]() {
      await database.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
