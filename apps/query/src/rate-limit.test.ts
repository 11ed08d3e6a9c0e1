import { createLogger } from "@xtrace/runtime";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { createRateLimitStats } from "./rate-limit-stats.ts";
import { rateLimit } from "./rate-limit.ts";
import type { QueryEnv } from "./routes/route.ts";

test("lets requests pass when the limiter fails", async () => {
  const stats = createRateLimitStats();
  const app = new Hono<QueryEnv>()
    .use(async (c, next) => {
      c.set("identity", { projectId: "p", keyId: "k", scopes: ["read"] });
      await next();
    })
    .use(
      rateLimit({
        limiter: () => Promise.reject(new Error("away")),
        stats,
        nowUs: () => 0,
        log: createLogger({ name: "test", level: "silent" }),
      }),
    )
    .get("/", (c) => c.text("read"));
  expect(await (await app.request("/")).text()).toBe("read");
  expect(stats.ofProject("p").allowed).toBe(1);
});
