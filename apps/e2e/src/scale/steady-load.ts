import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { basicAuth, PROJECT_A } from "../test-system.ts";

export type LoadReport = {
  /** Ids of the traces whose write was answered with a 2xx. */
  readonly acknowledged: readonly string[];
  readonly reads: number;
  /** Requests that got no answer, or none in the 200s. */
  readonly failures: readonly string[];
};

export type SteadyLoad = {
  /** Requests answered so far. */
  answered(): number;
  finish(): Promise<LoadReport>;
};

const REQUEST_TIMEOUT_MS = 20_000;

/**
 * Clients that write traces and read them back one request after the other, each on one connection
 * that it keeps for as long as it is let. Nothing is tried again: a failure is a failure.
 */
export function startSteadyLoad(options: {
  readonly url: string;
  readonly writers: number;
  readonly readers: number;
  readonly pauseMs: number;
}): SteadyLoad {
  const { url, writers, readers, pauseMs } = options;
  const acknowledged: string[] = [];
  const failures: string[] = [];
  let reads = 0;
  let isFinished = false;

  async function client(turn: (agent: Agent, count: number) => Promise<void>): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let count = 0; !isFinished; count += 1) {
      await turn(agent, count).catch((error: unknown) => failures.push(String(error)));
      await sleep(pauseMs);
    }
    agent.destroy();
  }

  const writing = Array.from({ length: writers }, (_, writer) =>
    client(async (agent, count) => {
      const id = `load-${writer}-${count}`;
      const observations = [{ id: `${id}-o`, traceId: id, type: "SPAN", name: "step" }];
      await send(agent, `${url}/v1/l/batch`, JSON.stringify({ trace: { id, name: "load" }, observations }));
      acknowledged.push(id);
    }),
  );
  const reading = Array.from({ length: readers }, () =>
    client(async (agent) => {
      await send(agent, `${url}/api/public/traces?limit=5`);
      reads += 1;
    }),
  );
  return {
    answered: () => acknowledged.length + reads,
    async finish() {
      isFinished = true;
      await Promise.all([...writing, ...reading]);
      return { acknowledged, reads, failures };
    },
  };
}

/** Resolves when the whole answer was read and its status is in the 200s. */
function send(agent: Agent, url: string, body?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const path = new URL(url).pathname;
    const sent = request(url, {
      agent,
      method: body === undefined ? "GET" : "POST",
      timeout: REQUEST_TIMEOUT_MS,
      headers: {
        authorization: basicAuth(PROJECT_A),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
    });
    sent.once("timeout", () => sent.destroy(new Error(`${path}: no answer within ${REQUEST_TIMEOUT_MS} ms`)));
    sent.once("error", (cause) => reject(new Error(`${path}: ${cause.message}`, { cause })));
    sent.once("response", (answer) => {
      const status = answer.statusCode ?? 0;
      answer.once("error", (cause) => reject(new Error(`${path}: ${status}, then ${cause.message}`, { cause })));
      answer.once("end", () => (status >= 200 && status < 300 ? resolve() : reject(new Error(`${path}: ${status}`))));
      answer.resume();
    });
    sent.end(body);
  });
}
