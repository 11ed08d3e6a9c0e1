import { fileURLToPath } from "node:url";
import { spawnNode, type NodeProcess } from "@xtrace/testkit";
import type { LoadProcess } from "../load/load-process.ts";

export type BareServer = AsyncDisposable & { readonly url: string };

export async function startBareServer(): Promise<BareServer> {
  const main = fileURLToPath(new URL("./bare-server-main.ts", import.meta.url));
  // Where a test runs this, answers are held to the API description, which is none of this server's.
  const process: NodeProcess = spawnNode(main, { env: { NODE_OPTIONS: "" } });
  try {
    const line = await process.waitForLine(/^URL /);
    return { url: line.slice("URL ".length), [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
  } catch (error) {
    await process.stop();
    throw error;
  }
}

/**
 * Question: how many observations a second would pass HTTP and the parser, were there nothing behind?
 * Sends the bodies that the load process has prepared.
 */
export async function measureBareCeiling(server: BareServer, load: LoadProcess, connections: number): Promise<number> {
  const target = { url: server.url, authorization: "none" };
  const sent = await load.saturate({ target, connections, maxBacklog: Number.MAX_SAFE_INTEGER });
  return (sent.acknowledgedObservations * 1_000) / (sent.lastAcknowledgedAt - sent.firstRequestAt);
}
