import { countDeadLettersByState, DEAD_LETTER_STATES, type Database } from "@xtrace/db";
import { Gauge, withTimeout, type Metrics } from "@xtrace/runtime";

const READ_TIMEOUT_MS = 2_000;

/** Dead letters of all projects by state, counted at each scrape; no samples while the database is away. */
export function registerDeadLetters({ registry }: Metrics, db: Database): void {
  const letters = new Gauge({
    name: "xtrace_dead_letters",
    help: "Dead letters by state; `open` ones wait for somebody to decide",
    labelNames: ["state"],
    registers: [],
    async collect() {
      const counts = await withTimeout(countDeadLettersByState(db), READ_TIMEOUT_MS).catch(() => undefined);
      this.reset();
      if (counts) for (const state of DEAD_LETTER_STATES) this.set({ state }, counts.get(state) ?? 0);
    },
  });
  registry.registerMetric(letters);
}
