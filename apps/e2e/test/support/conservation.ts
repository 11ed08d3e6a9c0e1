import { eventually } from "@xtrace/testkit";
import { expect } from "vitest";
import type { TestSystem } from "../../src/test-system.ts";

/** The sum over all labels; NaN where there is no sample. */
function sumOf(text: string, metric: string, label = ""): number {
  const lines = text.split("\n").filter((line) => line.startsWith(`${metric}{`) && line.includes(label));
  if (lines.length === 0) return Number.NaN;
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/**
 * Every event that came is refused or accepted, and every accepted one stored, merged or dead-lettered: once the queue
 * is empty, of a system whose gateway runs since its start. Returns how many were accepted.
 */
export async function expectConserved(system: TestSystem): Promise<number> {
  return await eventually(
    async () => {
      const text = await system.metrics();
      const ledger = (state: string) => sumOf(text, "xtrace_ledger_events", `state="${state}"`);
      const accepted = ledger("accepted");
      expect(accepted).toBeGreaterThan(0);
      expect(ledger("queued")).toBe(0);
      expect(ledger("stored") + ledger("merged") + ledger("dead_lettered")).toBe(accepted);
      expect(sumOf(text, "xtrace_ledger_unaccounted_events")).toBe(0);
      const rejected = sumOf(text, "xtrace_ingest_events_rejected_total") || 0;
      expect(sumOf(text, "xtrace_ingest_events_accepted_total") + rejected).toBe(
        sumOf(text, "xtrace_ingest_events_received_total"),
      );
      return accepted;
    },
    { timeoutMs: 30_000, intervalMs: 250 },
  );
}
