import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isIngestRequest } from "@xtrace/gateway";

const KEEP_ALIVE_TIMEOUT_MS = 65_000;

export type Edge = { readonly url: string; close(): Promise<void> };

/**
 * One address for two processes, as a load balancer gives it: writes go to the gateway, the rest to
 * the query app. Streams both ways and changes nothing.
 */
export async function startEdge(targets: { readonly gatewayUrl: string; readonly queryUrl: string }): Promise<Edge> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://edge");
    const isIngest = isIngestRequest(request.method ?? "GET", pathname);
    forward(request, response, isIngest ? targets.gatewayUrl : targets.queryUrl);
  });
  // Longer than clients keep a connection, so that none is closed under a request.
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(request: IncomingMessage, response: ServerResponse, target: string): void {
  const { hostname, port } = new URL(target);
  const upstream = httpRequest({
    hostname,
    port,
    path: request.url,
    method: request.method,
    headers: request.headers,
  });
  upstream.once("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.once("error", () => {
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
  request.pipe(upstream);
  // Of a request that was refused early the rest has to be read too, or the next one on its connection waits behind it for ever.
  response.once("finish", () => {
    request.unpipe(upstream);
    request.resume();
  });
}
