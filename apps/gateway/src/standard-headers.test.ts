import { Hono } from "hono";
import { requestId as honoRequestId } from "hono/request-id";
import { secureHeaders as honoSecureHeaders } from "hono/secure-headers";
import { expect, test } from "vitest";
import type { GatewayEnv } from "./protocols/protocol.ts";
import { requestId, secureHeaders } from "./standard-headers.ts";

const ours = new Hono<GatewayEnv>()
  .use(requestId())
  .use(secureHeaders())
  .get("/", (c) => c.json(c.get("requestId")));
const honos = new Hono<GatewayEnv>()
  .use(honoRequestId())
  .use(honoSecureHeaders())
  .get("/", (c) => c.json(c.get("requestId")));

test.each(["/", "/nowhere"])("the headers of %s are those that Hono sets", async (path) => {
  const headers = { "X-Request-Id": "caller-1" };
  const answer = await ours.request(path, { headers });
  const usual = await honos.request(path, { headers });
  expect([...answer.headers]).toEqual([...usual.headers]);
});

test.each(["a", "A_z-0=", "x".repeat(255), "x".repeat(256), "", "a b", "a\tb", "é", "a/b", "<script>"])(
  "a caller's id %j names the request just where Hono would let it",
  async (sent) => {
    const headers = new Headers({ "X-Request-Id": Buffer.from(sent).toString("latin1") });
    const usual = (await honos.request("/", { headers })).headers.get("x-request-id");
    const answer = await ours.request("/", { headers });
    const id = answer.headers.get("x-request-id");
    expect(id).toMatch(usual === sent ? sent : /^[0-9a-f-]{36}$/);
    expect(await answer.json()).toBe(id);
  },
);
