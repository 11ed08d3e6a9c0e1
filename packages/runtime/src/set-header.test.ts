import { Hono } from "hono";
import { expect, test } from "vitest";
import { listen } from "./http-server.ts";
import { setHeader } from "./set-header.ts";

function setup() {
  const app = new Hono();
  app.use(async (c, next) => {
    setHeader(c, "X-Frame-Options", "SAMEORIGIN");
    setHeader(c, "X-Kind", "usual");
    await next();
  });
  app.get("/json", (c) => c.json({ ok: true }));
  app.get("/own", (c) => c.json({ ok: true }, 200, { "X-Kind": "own" }));
  app.get("/bug", () => {
    throw new Error("bug");
  });
  app.onError((_, c) => c.json({ ok: false }, 500));
  return app;
}

const HEADERS = ["x-frame-options", "x-kind", "content-type"];

const expected = [
  ["/json", 200, ["SAMEORIGIN", "usual", "application/json"]],
  ["/own", 200, ["SAMEORIGIN", "own", "application/json"]],
  ["/bug", 500, ["SAMEORIGIN", "usual", "application/json"]],
  ["/nowhere", 404, ["SAMEORIGIN", "usual", "text/plain; charset=UTF-8"]],
] as const;

test.each(expected)(
  "a header that is set first is on the answer to %s, unless that brings its own",
  async (path, ...answer) => {
    const { status, headers } = await setup().request(path);
    expect([status, HEADERS.map((name) => headers.get(name))]).toEqual(answer);
  },
);

test.each(expected)("and so it is over HTTP: %s", async (path, ...answer) => {
  const server = await listen({ app: setup(), host: "127.0.0.1", port: 0 });
  const { status, headers } = await fetch(`${server.url}${path}`);
  expect([status, HEADERS.map((name) => headers.get(name)?.replace("utf-8", "UTF-8"))]).toEqual(answer);
  await server.close(0);
});
