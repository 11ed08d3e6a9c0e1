import type { Metrics } from "@xtrace/runtime";

/** The ledger as a scrape shows it: states and `unaccounted`; a figure without a sample is missing. */
export async function ledgerIn({ registry }: Metrics): Promise<Record<string, number>> {
  const text = await registry.metrics();
  const states = [...text.matchAll(/^xtrace_ledger_events\{state="(\w+)".*\} (\S+)$/gm)];
  const unaccounted = /^xtrace_ledger_unaccounted_events\{.*\} (\S+)$/m.exec(text)?.[1];
  return {
    ...Object.fromEntries(states.map(([, state, value]) => [state, Number(value)])),
    ...(unaccounted === undefined ? {} : { unaccounted: Number(unaccounted) }),
  };
}
