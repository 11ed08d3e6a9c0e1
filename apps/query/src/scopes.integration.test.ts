import { SCOPES, WRITE_METHODS, type Scope } from "@xtrace/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setupQuery, type TestQuery } from "../test/setup-query.ts";

let query: TestQuery;
let operations: Array<{ readonly method: string; readonly path: string }>;

beforeAll(async () => {
  query = await setupQuery();
  const document = (await (await query.app.request("/openapi.json")).json()) as { paths: Record<string, object> };
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .map((method) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, "x") }))
      // The gateway serves those.
      .filter(({ method }) => !WRITE_METHODS.get(path)?.includes(method)),
  );
});
afterAll(() => query[Symbol.asyncDispose]());

/** The scope that opens an operation; `null` where no key is needed. It goes by the method, unless the path is named here. */
function neededBy({ method, path }: { readonly method: string; readonly path: string }): Scope | null {
  if (/^\/api\/public\/(health|ready|media\/x\/(upload|download))$/.test(path)) return null;
  if (method === "DELETE" || /^\/api\/(dead-letters|internal)(\/|$)/.test(path)) return "admin";
  return method === "GET" ? "read" : "ingest";
}

function ask(method: string, path: string, authorization?: string) {
  const headers = { "Content-Type": "application/json", ...(authorization === undefined ? {} : { authorization }) };
  return query.app.request(path, { method, headers, ...(method === "POST" ? { body: "{}" } : {}) });
}

test("every operation of the API description is open to the one scope it needs, and to no other", async () => {
  expect(operations.length).toBeGreaterThan(15);
  const keys = new Map(SCOPES.map((scope) => [scope, query.project({ scopes: [scope] }).authorization]));
  for (const { method, path } of operations) {
    const needed = neededBy({ method, path });
    for (const [scope, authorization] of keys) {
      const { status } = await ask(method, path, authorization);
      const isOpen = needed === null || scope === needed;
      expect.soft(status === 403, `${method} ${path} with ${scope}: ${status}`).toBe(!isOpen);
      expect.soft(status, `${method} ${path} with ${scope}`).toBeLessThan(500);
    }
  }
});

test("every operation that needs a key answers 401 without one, and to a key without a scope 403", async () => {
  const { authorization } = query.project({ scopes: [] });
  for (const { method, path } of operations.filter((operation) => neededBy(operation) !== null)) {
    expect.soft((await ask(method, path)).status, `${method} ${path}`).toBe(401);
    expect.soft((await ask(method, path, authorization)).status, `${method} ${path}`).toBe(403);
  }
});
