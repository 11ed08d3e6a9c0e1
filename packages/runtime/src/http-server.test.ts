import { Hono } from "hono";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { AppError } from "./app-error.ts";
import { errorHandler, notFoundHandler } from "./error-response.ts";
import { createReadiness, healthRoutes } from "./health.ts";
import { listen } from "./http-server.ts";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";

function setup() {
  const lines: string[] = [];
  const destination = new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) });
  const log = createLogger({ name: "test", level: "info", destination });
  const app = new Hono();
  app.onError(errorHandler(log));
  app.notFound(notFoundHandler);
  app.get("/busy", () => {
    throw new AppError("SERVICE_UNAVAILABLE", "full", { retryAfterSeconds: 2, details: [{ path: "a", message: "b" }] });
  });
  app.get("/bug", () => {
    throw new Error("secret detail");
  });
  app.get("/slow", async (c) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return c.text("done");
  });
  return { app, lines };
}

test("answers an expected failure with its code, and a bug with nothing but 500 and a log line", async () => {
  const { app, lines } = setup();
  const busy = await app.request("/busy");
  expect([busy.status, busy.headers.get("retry-after")]).toEqual([503, "2"]);
  expect(await busy.json()).toEqual({
    message: "full",
    error: "ServiceUnavailableError",
    code: "SERVICE_UNAVAILABLE",
    details: [{ path: "a", message: "b" }],
  });
  const bug = await app.request("/bug");
  expect(bug.status).toBe(500);
  expect(await bug.text()).not.toContain("secret detail");
  expect(lines.join("")).toContain("secret detail");
  expect((await app.request("/nowhere")).status).toBe(404);
});

test("finishes a request under way before it closes, and takes no new one", async () => {
  const { app } = setup();
  const server = await listen({ app, host: "127.0.0.1", port: 0 });
  const slow = fetch(`${server.url}/slow`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await server.close(5_000);
  expect(await (await slow).text()).toBe("done");
  await expect(fetch(`${server.url}/slow`)).rejects.toThrow();
});

test("says in one line that a port is taken", async () => {
  const { app } = setup();
  const first = await listen({ app, host: "127.0.0.1", port: 0 });
  await expect(listen({ app, host: "127.0.0.1", port: first.port })).rejects.toThrow(
    `Port ${first.port} on 127.0.0.1 is in use`,
  );
  await first.close(100);
});

test("is ready while its checks pass, and not once it drains", async () => {
  const readiness = createReadiness();
  let works = true;
  const app = healthRoutes({
    checks: { database: async () => (works ? undefined : Promise.reject(new Error("away"))) },
    liveness: async () => (works ? undefined : Promise.reject(new Error("stuck"))),
    readiness,
    metrics: createMetrics({ process: "test" }),
  });
  expect((await app.request("/healthz")).status).toBe(200);
  expect((await app.request("/readyz")).status).toBe(200);
  expect((await app.request("/livez")).status).toBe(200);
  expect(await (await app.request("/metrics")).text()).toContain("process_cpu_seconds_total");
  works = false;
  expect(await (await app.request("/readyz")).json()).toEqual({ status: "not_ready", failures: ["database"] });
  expect((await app.request("/livez")).status).toBe(503);
  works = true;
  readiness.startDraining();
  expect((await app.request("/readyz")).status).toBe(503);
});
