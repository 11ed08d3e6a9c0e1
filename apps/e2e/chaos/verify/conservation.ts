import { setTimeout as sleep } from "node:timers/promises";

const TIMEOUT_MS = 20_000;

/**
 * The conservation law as each worker's /metrics states it: every event that the queue took is stored, merged,
 * dead-lettered or queued, and with the queue empty nothing is queued. One line if it is broken, none if it holds.
 *
 * A reading takes a moment to settle: the count of what is queued follows the last acknowledgement.
 */
export async function conservation(workerUrl: string): Promise<string[]> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const ledger = await readLedger(workerUrl).catch((error: unknown) => String(error));
    if (typeof ledger !== "string" && ledger.unaccounted === 0 && ledger.queued === 0 && ledger.accepted > 0) return [];
    if (performance.now() > deadline) return [`the conservation law is broken: ${JSON.stringify(ledger)}`];
    await sleep(500);
  }
}

type Ledger = Readonly<Record<"accepted" | "stored" | "merged" | "dead_lettered" | "queued" | "unaccounted", number>>;

async function readLedger(workerUrl: string): Promise<Ledger> {
  const response = await fetch(`${workerUrl}/metrics`, { signal: AbortSignal.timeout(5_000) });
  const text = await response.text();
  const events = (state: string) => sample(text, `xtrace_ledger_events\\{[^}]*state="${state}"[^}]*\\}`);
  return {
    accepted: events("accepted"),
    stored: events("stored"),
    merged: events("merged"),
    dead_lettered: events("dead_lettered"),
    queued: events("queued"),
    unaccounted: sample(text, String.raw`xtrace_ledger_unaccounted_events(?:\{[^}]*\})?`),
  };
}

function sample(text: string, series: string): number {
  const value = new RegExp(`^${series} (\\S+)$`, "m").exec(text)?.[1];
  if (value === undefined) throw new Error(`/metrics has no ${series}`);
  return Number(value);
}
