import { eventually } from "@xtrace/testkit";
import postgres from "postgres";
import { basicAuth, PROJECT_A } from "../../src/test-system.ts";

/** Of `sendAll`: so many requests are under way at most. */
export const SENDERS = 4;

export type Ledger = {
  /** Trace ids of which a 2xx said that they are queued. */
  readonly acknowledged: Set<string>;
  /** How many answers there were of each status; 0 is none at all. */
  readonly statuses: Map<number, number>;
  /** Sends one trace with about so many bytes and writes down the answer; never throws. */
  send(
    url: string,
    id: string,
    bytes: number,
  ): Promise<{ readonly status: number; readonly retryAfter: string | null }>;
};

/** A sender that knows what it was promised. */
export function openLedger(): Ledger {
  const acknowledged = new Set<string>();
  const statuses = new Map<number, number>();
  return {
    acknowledged,
    statuses,
    async send(url, id, bytes) {
      const answer = await post(url, id, bytes);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (answer.status >= 200 && answer.status < 300) acknowledged.add(id);
      return answer;
    },
  };
}

async function post(url: string, id: string, bytes: number) {
  try {
    const response = await fetch(`${url}/v1/l/batch`, {
      method: "POST",
      headers: { Authorization: basicAuth(PROJECT_A), "Content-Type": "application/json" },
      body: JSON.stringify({ trace: { id, input: "x".repeat(bytes) } }),
    });
    await response.arrayBuffer();
    return { status: response.status, retryAfter: response.headers.get("retry-after") };
  } catch {
    return { status: 0, retryAfter: null };
  }
}

/** Sends each id to one gateway after the other until one of them took it, four at a time. */
export async function sendAll(ledger: Ledger, urls: readonly string[], ids: readonly string[]): Promise<void> {
  const left = [...ids];
  const sender = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      let attempt = 0;
      const due = id;
      await eventually(
        async () => {
          const { status } = await ledger.send(urls[attempt++ % urls.length] ?? "", due, 500);
          if (status !== 200) throw new Error(`${due} was answered ${status}`);
        },
        { timeoutMs: 60_000, intervalMs: 100 },
      );
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

/** The acknowledged ids that the database does not have. */
export async function missingOf(acknowledged: ReadonlySet<string>, databaseUrl: string): Promise<string[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const rows = await sql<Array<{ id: string }>>`SELECT id FROM traces`;
    const stored = new Set(rows.map(({ id }) => id));
    return [...acknowledged].filter((id) => !stored.has(id));
  } finally {
    await sql.end({ timeout: 5 });
  }
}
