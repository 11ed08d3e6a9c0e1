import { Gauge, withTimeout, type Logger, type Metrics } from "@xtrace/runtime";
import type { Ledger } from "./ledger.ts";

const READ_TIMEOUT_MS = 2_000;

/**
 * The ledger of the whole system, read anew at every scrape, and by every worker the same: the maximum over
 * workers is the figure, not the sum. There are no samples while the database or the queue cannot be asked.
 */
export function registerLedger(
  { registry }: Metrics,
  options: { readonly read: () => Promise<Ledger>; readonly log: Logger },
): void {
  let reading: Promise<Ledger | undefined> | undefined;

  /** Both gauges are collected at once and show one reading. */
  function read(): Promise<Ledger | undefined> {
    reading ??= withTimeout(options.read(), READ_TIMEOUT_MS)
      .catch((err: unknown) => {
        options.log.debug({ err }, "ledger cannot be read");
        return undefined;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  }

  const events = new Gauge({
    name: "xtrace_ledger_events",
    help: "All events that the queue ever took, and what became of them",
    labelNames: ["state"],
    registers: [],
    async collect() {
      const ledger = await read();
      this.reset();
      if (!ledger) return;
      this.set({ state: "accepted" }, ledger.accepted);
      this.set({ state: "stored" }, ledger.stored);
      this.set({ state: "merged" }, ledger.merged);
      this.set({ state: "dead_lettered" }, ledger.deadLettered);
      this.set({ state: "queued" }, ledger.queued);
    },
  });
  const unaccounted = new Gauge({
    name: "xtrace_ledger_unaccounted_events",
    help: "Accepted events that are neither stored, merged, dead-lettered nor queued; not 0: some were lost or counted twice",
    registers: [],
    async collect() {
      const ledger = await read();
      // Not `reset`, which says 0.
      if (ledger?.unaccounted === undefined) this.remove();
      else this.set(ledger.unaccounted);
    },
  });
  for (const gauge of [events, unaccounted]) registry.registerMetric(gauge);
}
