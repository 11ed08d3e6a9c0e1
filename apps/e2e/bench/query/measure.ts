import { Agent, request } from "node:http";
import type { QueryCase } from "./cases/query-case.ts";

/** Milliseconds from the request to the last byte of the answer. */
export type Latency = { readonly p50: number; readonly p95: number; readonly p99: number };

export type Measured = Latency & {
  readonly name: string;
  readonly barMs: number;
  readonly samples: number;
  /** Of the largest answer. */
  readonly bytes: number;
};

export type Client = {
  get(path: string): Promise<{ readonly status: number; readonly body: string }>;
  close(): void;
};

/** One connection that stays open, below /api/public. */
export function openClient(baseUrl: string, authorization: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    get: (path) =>
      new Promise((resolve, reject) => {
        const sent = request(`${baseUrl}/api/public/${path}`, { agent, headers: { authorization } }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () =>
            resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
          );
          answer.on("error", reject);
        });
        sent.on("error", reject);
        sent.end();
      }),
    close: () => agent.destroy(),
  };
}

/**
 * Asks one case `samples` times, one request at a time, after a few that do not count, or less often if `goesOn` says so.
 * Throws for any other status than 200.
 */
export async function measure(
  client: Client,
  query: QueryCase,
  samples: number,
  goesOn: () => boolean = () => true,
): Promise<Measured> {
  const get = async (path: string) => {
    const { status, body } = await client.get(path);
    if (status !== 200) throw new Error(`${query.name}: GET ${path} answered ${status}: ${body.slice(0, 300)}`);
    return body;
  };
  const paths: string[] = [];
  for (let n = 0; n < samples; n += 1) {
    paths.push(await query.paths(n, async (path) => JSON.parse(await get(path)) as unknown));
  }
  for (const path of paths.slice(0, Math.max(Math.ceil(samples / 10), 2))) await get(path);

  const times: number[] = [];
  let bytes = 0;
  for (const path of paths) {
    if (!goesOn() && times.length > 0) break;
    const from = performance.now();
    const body = await get(path);
    times.push(performance.now() - from);
    bytes = Math.max(bytes, body.length);
  }
  return { name: query.name, barMs: query.barMs, samples: times.length, bytes, ...percentilesOf(times) };
}

/** By nearest rank: always a time that was measured. */
function percentilesOf(times: readonly number[]): Latency {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
