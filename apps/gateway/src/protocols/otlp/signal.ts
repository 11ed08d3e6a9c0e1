/**
 * One of OTLP's signals, by the names of its lists: resources with scopes, scopes with items. In
 * protobuf all three have the same field numbers, down to the items.
 *
 * Source: opentelemetry-proto 1.x, trace/v1/trace.proto, logs/v1/logs.proto, metrics/v1/metrics.proto
 */
export type Signal = {
  readonly name: "traces" | "logs" | "metrics";
  readonly resources: string;
  readonly scopes: string;
  readonly items: string;
};

export const TRACES: Signal = { name: "traces", resources: "resourceSpans", scopes: "scopeSpans", items: "spans" };
export const LOGS: Signal = { name: "logs", resources: "resourceLogs", scopes: "scopeLogs", items: "logRecords" };
export const METRICS: Signal = {
  name: "metrics",
  resources: "resourceMetrics",
  scopes: "scopeMetrics",
  items: "metrics",
};

export const SIGNALS: readonly Signal[] = [TRACES, LOGS, METRICS];

/** Where an item stands in its request. */
export type Place = { readonly resource: number; readonly scope: number; readonly item: number };

export function pathOf({ resources, scopes, items }: Signal, { resource, scope, item }: Place): string {
  return `${resources}.${resource}.${scopes}.${scope}.${items}.${item}`;
}

/** What a body of another signal is refused with. */
export function otherSignalMessage(found: string, { name }: Signal): string {
  return `Body holds ${found}: this address takes ${name} only`;
}
