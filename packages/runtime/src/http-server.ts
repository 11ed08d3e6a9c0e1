import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { ConfigError } from "./env.ts";
import { trackConnections } from "./track-connections.ts";

export type HttpServer = {
  readonly port: number;
  readonly url: string;
  /** From here on every response ends its connection, so that clients which keep theirs look for another server. */
  startDraining(): void;
  /** Stops accepting, lets requests under way finish for `drainMs`, then cuts what is left. */
  close(drainMs: number): Promise<void>;
};

/** Bounds on slow clients: a header or a body that trickles in must not hold a socket for minutes. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often Node looks for connections that are past their bounds; by default only every 30 s. */
const CONNECTIONS_CHECK_MS = 2_000;
/** Longer than a load balancer's own idle time-out, so that it never re-uses a socket that we just closed. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/**
 * Serves a Hono app, with the adapter's own `Request` and `Response` in the place of Node's: a small JSON answer costs two thirds of
 * what it costs as a web stream. Rejects with ConfigError and one clear line when the address cannot be taken. */
export async function listen(options: {
  readonly app: Pick<Hono, "fetch">;
  readonly host: string;
  readonly port: number;
}): Promise<HttpServer> {
  const listener = getRequestListener((request, env) => options.app.fetch(request, env), {
    // For HTTP/1.0, in which a request needs no Host: nothing depends on it.
    hostname: "localhost",
  });
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    },
    (request, response) => void listener(request, response),
  );
  const connections = trackConnections(server);
  await bind(server, options);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : options.port;
  return {
    port,
    url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
    startDraining: () => connections.endAfterResponse(),
    async close(drainMs) {
      connections.endAfterResponse();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      connections.endIdle();
      const cut = setTimeout(() => server.closeAllConnections(), drainMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

async function bind(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new ConfigError(bindMessage(cause, host, port), { cause })),
    );
    server.listen(port, host, () => resolve());
  });
}

function bindMessage(cause: NodeJS.ErrnoException, host: string, port: number): string {
  if (cause.code === "EADDRINUSE")
    return `Port ${port} on ${host} is in use: stop the other process or set another port`;
  if (cause.code === "EACCES") return `Not allowed to listen on ${host}:${port}: choose a port above 1023`;
  if (cause.code === "EADDRNOTAVAIL") return `This machine has no address ${host} to listen on`;
  return `Cannot listen on ${host}:${port}: ${cause.message}`;
}
