import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** One registry a process, handed to whoever counts. Names start with `xtrace_`; no project or user is a label. */
export type Metrics = { readonly registry: Registry };

export { Counter, Gauge, Histogram };

/** The default of 10 ms wakes an idle process a hundred times a second, which is most of what it does. The longest lag is then told to within 250 ms. */
const EVENT_LOOP_PRECISION_MS = 250;

/** `isThread`: what the process as a whole is at, such as its memory, its main thread says. */
export function createMetrics(options: { process: string; isThread?: boolean }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ process: options.process });
  if (!options.isThread)
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS });
  return { registry };
}
