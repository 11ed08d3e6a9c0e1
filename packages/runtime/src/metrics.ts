import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** One registry a process, handed to whoever counts. Names start with `xtrace_`; no project or user is a label. */
export type Metrics = { readonly registry: Registry };

export { Counter, Gauge, Histogram };

export function createMetrics(options: { process: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ process: options.process });
  collectDefaultMetrics({ register: registry });
  return { registry };
}
