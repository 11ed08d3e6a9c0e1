import type { NodeProcess } from "@xtrace/testkit";
import { startApp, untilReady, type AppName } from "../app-process.ts";

export type PodStop = {
  readonly pod: string;
  /** `null` if a signal ended it. */
  readonly code: number | null;
  readonly tookMs: number;
};

/** One process of a tier, at an address that outlives it. */
export type Pod = {
  readonly name: string;
  readonly url: string;
  /** Of the process that ran last. */
  pid(): number;
  /** All that its processes printed. */
  lines(): readonly string[];
  /** Resolves once it is ready. */
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<PodStop>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Beyond a process's own limit of 25 s, so that one which needs that limit is seen to. */
const STOP_TIMEOUT_MS = 35_000;

/** Many that start at once on a small machine, from sources, take turns. */
const READY_TIMEOUT_MS = 90_000;

/** A pod of an app, not started. `address` is `host:port`. */
export function createPod(options: {
  readonly app: Exclude<AppName, "standalone">;
  readonly name: string;
  readonly address: string;
  readonly env: Readonly<Record<string, string>>;
}): Pod {
  const { app, name, address, env } = options;
  const started: NodeProcess[] = [];
  const url = `http://${address}`;
  const last = () => {
    const running = started.at(-1);
    if (!running) throw new Error(`${name} has not been started`);
    return running;
  };
  return {
    name,
    url,
    pid: () => last().pid,
    lines: () => started.flatMap(({ lines }) => lines.map((line) => `${name}: ${line}`)),
    async start() {
      const variable = app === "worker" ? "WORKER_HEALTH_ADDR" : "BIND_ADDR";
      started.push(startApp(app, { ...env, [variable]: address }));
      await untilReady(url, READY_TIMEOUT_MS).catch((cause: unknown) => {
        throw new Error(`${name} did not get ready:\n${last().lines.slice(-20).join("\n")}`, { cause });
      });
    },
    async stop(signal = "SIGTERM") {
      const startedAt = performance.now();
      const code = await last().stop(signal, STOP_TIMEOUT_MS);
      return { pod: name, code, tookMs: Math.round(performance.now() - startedAt) };
    },
    [Symbol.asyncDispose]: async () => {
      await started.at(-1)?.stop("SIGKILL");
    },
  };
}
