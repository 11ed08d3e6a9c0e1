import { gzipSync } from "node:zlib";
import { createLogger, errorHandler } from "@xtrace/runtime";
import { expect, test } from "vitest";
import { createRouter } from "./create-router.ts";
import { readJsonBodies } from "./read-json-bodies.ts";

const app = createRouter();
app.onError(errorHandler(createLogger({ name: "test", level: "silent" })));
app.use(readJsonBodies);
app.all("/echo", async (c) => c.json({ type: c.req.header("content-type"), text: await c.req.text() }));

async function echo(body: RequestInit["body"], headers: Record<string, string> = {}, method = "POST") {
  const response = await app.request("/echo", { method, headers, body: body ?? null });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test.each([
  ["as it is", '{"a":[1]}', { "Content-Type": "application/json" }],
  ["without a type", Buffer.from('{"a":[1]}'), {}],
  ["compressed", gzipSync('{"a":[1]}'), { "Content-Type": "application/json", "Content-Encoding": "gzip" }],
])("hands on a body sent %s", async (_, sent, headers) => {
  const { body } = await echo(sent, headers);
  expect(body).toEqual({ type: "application/json", text: '{"a":[1]}' });
});

test("replaces what PostgreSQL cannot store", async () => {
  const { body } = await echo(String.raw`{"a\u0000":"\ud800"}`, { "Content-Type": "application/json" });
  expect(body["text"]).toBe('{"a\uFFFD":"\uFFFD"}');
});

test.each([
  ["too deep", "[".repeat(1_000) + "]".repeat(1_000), "TOO_DEEP"],
  ["no JSON", "{", "INVALID_JSON"],
  ["a number that is none", "[1e999]", "NON_FINITE"],
])("refuses what is %s", async (_, sent, code) => {
  const { status, body } = await echo(sent, { "Content-Type": "application/json" });
  expect(status).toBe(400);
  expect(body).toMatchObject({ code });
});

test("refuses what is too large, also when only inflating shows it", async () => {
  const large = JSON.stringify("x".repeat(17 * 1024 * 1024));
  for (const [body, headers] of [
    [large, {}],
    [gzipSync(large), { "Content-Encoding": "gzip" }],
  ] as const) {
    const answer = await echo(body, { "Content-Type": "application/json", ...headers });
    expect(answer.status).toBe(413);
  }
});

test("leaves bodies of other types and requests without one alone", async () => {
  expect((await echo("{", { "Content-Type": "text/plain" })).body["text"]).toBe("{");
  expect((await echo(undefined, {}, "DELETE")).body["text"]).toBe("");
  expect((await echo(undefined, {}, "GET")).body["text"]).toBe("");
});
