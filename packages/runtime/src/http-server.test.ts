import { once } from "node:events";
import { connect } from "node:net";
import { Hono } from "hono";
import { Writable } from "node:stream";
import { eventually } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { AppError } from "./app-error.ts";
import { errorHandler, notFoundHandler } from "./error-response.ts";
import { createReadiness, healthRoutes } from "./health.ts";
import { listen } from "./http-server.ts";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { stopServing } from "./stop-serving.ts";

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

/** A connection that is kept, as a client or a load balancer keeps it, and all that came back on it. */
async function keptConnection(port: number) {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.setEncoding("utf8").on("data", (text: string) => (received += text));
  await once(socket, "connect");
  return {
    socket,
    received: () => received,
    ended: once(socket, "end"),
    ask: (path: string) => socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`),
    begin: () => socket.write("GET /slow HTTP/1.1\r\nHost:"),
    complete: () => socket.write(" test\r\n\r\n"),
  };
}

const LONG_MS = 20_000;

test("answers a request without a Host, as load balancers check health with HTTP/1.0", async () => {
  const { app } = setup();
  app.get("/ok", (c) => c.text("fine"));
  const server = await listen({ app, host: "127.0.0.1", port: 0 });
  const old = await keptConnection(server.port);
  old.socket.write("GET /ok HTTP/1.0\r\n\r\n");
  await old.ended;
  expect(old.received()).toMatch(/^HTTP\/1\.1 200 [^]*fine$/);
  await server.close(1_000);
});

test("does not wait for connections on which nothing is asked", async () => {
  const { app } = setup();
  const server = await listen({ app, host: "127.0.0.1", port: 0 });
  const used = await keptConnection(server.port);
  used.ask("/nowhere");
  await eventually(() => expect(used.received()).toContain("404"));
  const unused = await keptConnection(server.port);
  const startedAt = performance.now();
  await server.close(LONG_MS);
  expect(performance.now() - startedAt).toBeLessThan(LONG_MS / 4);
  await Promise.all([used.ended, unused.ended]);
});

test("ends each connection with its answer once it drains, and accepts until it closes", async () => {
  const { app } = setup();
  const server = await listen({ app, host: "127.0.0.1", port: 0 });
  const kept = await keptConnection(server.port);
  const busy = await keptConnection(server.port);
  kept.ask("/nowhere");
  await eventually(() => expect(kept.received()).toContain("404"));
  expect(kept.received().toLowerCase()).toContain("connection: keep-alive");
  busy.ask("/slow");
  const begun = await keptConnection(server.port);
  begun.begin();

  server.startDraining();
  kept.ask("/nowhere");
  const late = await keptConnection(server.port);
  late.ask("/slow");
  await Promise.all([kept.ended, late.ended, busy.ended]);
  for (const each of [kept, late, busy]) expect(each.received().toLowerCase()).toContain("connection: close");

  const closing = server.close(LONG_MS);
  begun.complete();
  await closing;
  await begun.ended;
  expect(begun.received()).toMatch(/connection: close[^]*done/i);
});

test("cuts what takes longer than it may", async () => {
  const { app } = setup();
  let hasArrived = false;
  app.get("/endless", async () => {
    hasArrived = true;
    return await new Promise<never>(() => {});
  });
  const server = await listen({ app, host: "127.0.0.1", port: 0 });
  const endless = fetch(`${server.url}/endless`);
  const outcome = endless.then(
    () => "answered",
    () => "cut",
  );
  await eventually(() => expect(hasArrived).toBe(true));
  await server.close(200);
  expect(await outcome).toBe("cut");
});

test("leaves service in order: not ready, served for a while, then closed", async () => {
  const { app } = setup();
  const server = await listen({ app, host: "127.0.0.1", port: 0 });
  const readiness = createReadiness();
  const startedAt = performance.now();
  const stopping = stopServing({ server, readiness, delayMs: 2_000, signal: "SIGTERM" });
  expect(readiness.draining).toBe(true);
  expect((await fetch(`${server.url}/nowhere`)).status).toBe(404);
  await stopping;
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_990);
  await expect(fetch(server.url)).rejects.toThrow();
});

test("leaves at once when a person asks", async () => {
  const { app } = setup();
  const server = await listen({ app, host: "127.0.0.1", port: 0 });
  const startedAt = performance.now();
  await stopServing({ server, readiness: createReadiness(), delayMs: 10_000, signal: "SIGINT" });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
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
