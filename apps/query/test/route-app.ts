import { randomUUID } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { migrateDatabase, openDatabase, type Database } from "@xtrace/db";
import { createLogger, errorHandler, notFoundHandler } from "@xtrace/runtime";
import { createTestDatabase } from "@xtrace/testkit";
import { z } from "zod";
import { createRouter } from "../src/create-router.ts";
import { createMediaLinks } from "../src/media/media-links.ts";
import { createMediaUrls } from "../src/media/media-urls.ts";
import { readJsonBodies } from "../src/read-json-bodies.ts";
import { refuseNul } from "../src/refuse-nul.ts";
import type { QueryDeps, QueryEnv } from "../src/routes/route.ts";

export type Answer = { readonly status: number; readonly body: unknown };

export type RouteApp = AsyncDisposable & {
  readonly db: Database;
  /** Asks as a key of `projectId`. Parameters that are lists are repeated. */
  get(path: string, params?: Params, projectId?: string): Promise<Answer>;
  /** Sends `body` as JSON, or nothing where it is `undefined`. An answer without a body has the body `undefined`. */
  send(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown, projectId?: string): Promise<Answer>;
  /** The body of a 200, which is what `schema` documents. */
  read<T>(schema: z.ZodType<T>, path: string, params?: Params, projectId?: string): Promise<T>;
};

export type Params = Readonly<Record<string, string | number | readonly string[]>>;

/** Noon of 31 January 2026: the clock of every route under test. */
export const NOW_US = Date.UTC(2026, 0, 31, 12) * 1000;

/** A project that no other test knows, so that tests of a file share a database. */
export function newProject(): string {
  return `project-${randomUUID()}`;
}

/** Routes over a database of their own, behind what they need of the app and no more. */
export async function startRoutes(routes: (deps: QueryDeps) => OpenAPIHono<QueryEnv>): Promise<RouteApp> {
  const server = await createTestDatabase({ migrate: migrateDatabase });
  const database = openDatabase({ url: server.url, poolSize: 3, applicationName: "test", statementTimeoutMs: 10_000 });
  const app = createRouter();
  app.onError(errorHandler(createLogger({ name: "test", level: "silent" })));
  app.notFound(notFoundHandler);
  app.use("/api/*", refuseNul, readJsonBodies, async (c, next) => {
    c.set("identity", { projectId: c.req.header("x-project") ?? "", scopes: ["read"], keyId: "key" });
    await next();
  });
  const [db, nowUs] = [database.db, () => NOW_US];
  const mediaLinks = createMediaLinks({ primary: db, urls: createMediaUrls({ primary: db, nowUs }), publicUrl: null });
  app.route("/api/public", routes({ db, primary: db, nowUs, mediaLinks }));

  async function get(path: string, params: Params = {}, projectId = "nobody"): Promise<Answer> {
    const headers = { "x-project": projectId };
    const response = await app.request(`/api/public${path}${searchOf(params)}`, { headers });
    return { status: response.status, body: await response.json() };
  }

  async function send(method: string, path: string, body?: unknown, projectId = "nobody"): Promise<Answer> {
    const headers = { "x-project": projectId, "Content-Type": "application/json" };
    const sent = body === undefined ? null : JSON.stringify(body);
    const response = await app.request(`/api/public${path}`, { method, headers, body: sent });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  async function read<T>(schema: z.ZodType<T>, path: string, params?: Params, projectId?: string): Promise<T> {
    const { status, body } = await get(path, params, projectId);
    if (status !== 200) throw new Error(`expected 200, got ${status}: ${JSON.stringify(body)}`);
    schema.parse(body);
    // As it came, so that a key that the schema does not document shows.
    return body as T;
  }

  return {
    db: database.db,
    get,
    send,
    read,
    async [Symbol.asyncDispose]() {
      await database.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function searchOf(params: Params): string {
  const pairs = Object.entries(params).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  );
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs).toString()}`;
}

const Refusal = z.object({
  error: z.array(z.object({ code: z.string(), path: z.array(z.union([z.string(), z.number()])), message: z.string() })),
  details: z.array(z.object({ path: z.string(), message: z.string() })),
});

/** The parameters that a 400 names, in `error` as Langfuse does and in `details`. */
export function refused({ status, body }: Answer): string[] {
  if (status !== 400) throw new Error(`expected 400, got ${status}: ${JSON.stringify(body)}`);
  const { error, details } = Refusal.parse(body);
  const issues = error.map(({ path, message }) => ({ path: path.join("."), message }));
  if (JSON.stringify(issues) !== JSON.stringify(details))
    throw new Error(`error and details differ: ${JSON.stringify(body)}`);
  return details.map((detail) => detail.path);
}
