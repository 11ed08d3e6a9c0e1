import { setTimeout as sleep } from "node:timers/promises";
import type { Readiness } from "./health.ts";
import type { HttpServer } from "./http-server.ts";

/** A request that takes longer than this is cut, so that a process ends in time. */
const FINISH_MS = 10_000;

/** What can be taken out of service: a server, or several as one. */
export type Server = Pick<HttpServer, "startDraining" | "close">;

export function together(servers: readonly Server[]): Server {
  return {
    startDraining: () => servers.forEach((server) => server.startDraining()),
    close: async (drainMs) => void (await Promise.all(servers.map((server) => server.close(drainMs)))),
  };
}

/**
 * Takes a server out of service so that nobody's request fails: `/readyz` says 503 at once, requests are
 * served for `delayMs` more, in which load balancers notice; then it accepts no more and finishes what is
 * under way. Resolves after `delayMs` and 10 s at the latest.
 *
 * SIGINT comes from a person at a terminal, who is not to wait for a load balancer.
 */
export async function stopServing(options: {
  readonly server: Server;
  readonly readiness: Readiness;
  readonly delayMs: number;
  readonly signal: NodeJS.Signals;
}): Promise<void> {
  const { server, readiness, delayMs, signal } = options;
  readiness.startDraining();
  server.startDraining();
  if (signal !== "SIGINT") await sleep(delayMs);
  await server.close(FINISH_MS);
}
