import { Counter, Histogram, type Metrics } from "@xtrace/runtime";

export type GatewayMetrics = {
  accepted(events: number): void;
  /** A request that the queue did not take. */
  refused(): void;
  /** Fields that were cut because they were too long. */
  truncated(fields: number): void;
  request(route: string, status: number, seconds: number): void;
};

export function createGatewayMetrics({ registry }: Metrics): GatewayMetrics {
  const registers = [registry];
  const accepted = new Counter({
    name: "xtrace_ingest_events_accepted_total",
    help: "Events that the queue has",
    registers,
  });
  const refused = new Counter({
    name: "xtrace_ingest_requests_refused_total",
    help: "Requests answered 503 because the queue did not take them",
    registers,
  });
  const truncated = new Counter({
    name: "xtrace_ingest_truncated_total",
    help: "Fields that were cut because they were too long",
    registers,
  });
  const requests = new Histogram({
    name: "xtrace_http_request_duration_seconds",
    help: "From the request's head to the answer's",
    labelNames: ["route", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
    registers,
  });
  return {
    accepted: (events) => accepted.inc(events),
    refused: () => refused.inc(),
    truncated: (fields) => truncated.inc(fields),
    request: (route, status, seconds) => requests.observe({ route, status: String(status) }, seconds),
  };
}
