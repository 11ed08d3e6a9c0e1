import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@xtrace/testkit";
import { readCompose, SETTINGS } from "./compose-file.ts";
import { startDnsServer } from "./dns-server.ts";

export type Haproxy = {
  readonly url: string;
  readonly grpcPort: number;
  readonly healthUrl: string;
  /** What it said about its configuration. */
  readonly warnings: string;
  [Symbol.asyncDispose](): Promise<void>;
};

/** All of 127.0.0.0/8 is this machine on Linux, so each server can have an address of its own, as a container has. */
export const canRunHaproxy = process.platform === "linux" && spawnSync("haproxy", ["-v"]).status === 0;

/** The addresses that a service's name stands for at the moment, and the port that they all serve at. */
export type Upstream = { readonly port: number; readonly hosts: () => readonly string[] };

/**
 * HAProxy with the configuration of docker-compose.yml, but for its addresses, before real servers or stand-ins.
 * Gateways have OTLP over gRPC at `grpcPort`, if at all.
 */
export async function startHaproxy(upstreams: {
  readonly gateway: Upstream;
  readonly query: Upstream;
  readonly grpcPort?: number;
}): Promise<Haproxy> {
  const { gateway, query, grpcPort = await freePort() } = upstreams;
  const dns = await startDnsServer((name) =>
    name === "gateway" ? gateway.hosts() : name === "query" ? query.hosts() : [],
  );
  const ports = { proxy: await freePort(), grpc: await freePort(), health: await freePort() };
  const config = replaceAll(readCompose(SETTINGS).configs["haproxy"]?.content ?? "", {
    "bind :8742": `bind 127.0.0.1:${ports.proxy}`,
    "bind :4317": `bind 127.0.0.1:${ports.grpc}`,
    "bind 127.0.0.1:8404": `bind 127.0.0.1:${ports.health}`,
    "127.0.0.11:53": `127.0.0.1:${dns.port}`,
    "gateway:8743": `gateway:${gateway.port}`,
    "gateway:4317": `gateway:${grpcPort}`,
    "check port 8743": `check port ${gateway.port}`,
    "query:8744": `query:${query.port}`,
    // This machine may allow fewer open files than a container.
    "maxconn 10000": "maxconn 400",
  });
  const dir = await mkdtemp(join(tmpdir(), "xtrace-haproxy-"));
  const file = join(dir, "haproxy.cfg");
  await writeFile(file, config);
  const { status, stderr } = spawnSync("haproxy", ["-c", "-f", file], { encoding: "utf8" });
  const haproxy = status === 0 ? spawn("haproxy", ["-db", "-f", file], { stdio: "ignore" }) : undefined;

  const stop = async () => {
    if (haproxy?.exitCode === null && haproxy.kill("SIGKILL")) await once(haproxy, "exit");
    await dns[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  };
  if (!haproxy) {
    await stop();
    throw new Error(stderr);
  }
  return {
    url: `http://127.0.0.1:${ports.proxy}`,
    grpcPort: ports.grpc,
    healthUrl: `http://127.0.0.1:${ports.health}/healthz`,
    warnings: stderr,
    [Symbol.asyncDispose]: stop,
  };
}

function replaceAll(text: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`not in the configuration: ${from}`);
    return result.replaceAll(from, to);
  }, text);
}
