import { Counter, Histogram, type Metrics } from "@xtrace/runtime";

/** Why an event or an item of a request went no further; requests that are refused as a whole are counted by status. */
export type RejectionReason =
  /** An item that is wrong in itself. */
  | "invalid"
  /** An item that is as it should be, and of a kind that is not stored. */
  | "unsupported"
  /** A message of an SDK about itself, which is nobody's data. */
  | "sdk_log"
  /** The sender was told to come again. The queue may have taken part of the request all the same. */
  | "queue_unavailable";

export type GatewayMetrics = {
  /** Events that were decoded and are to be queued. */
  received(events: number): void;
  accepted(events: number): void;
  /** Items that were received and left out. */
  rejected(items: number, reason: RejectionReason): void;
  /** A request, with so many events, that the queue did not take. */
  refused(events: number): void;
  /** Fields that were cut because they were too long. */
  truncated(fields: number): void;
  request(route: string, status: number, seconds: number): void;
};

export function createGatewayMetrics({ registry }: Metrics): GatewayMetrics {
  const registers = [registry];
  const received = new Counter({
    name: "xtrace_ingest_events_received_total",
    help: "Events and items of requests that could be read: the accepted and the rejected ones, and those under way",
    registers,
  });
  const rejected = new Counter({
    name: "xtrace_ingest_events_rejected_total",
    help: "Events and items that went no further",
    labelNames: ["reason"],
    registers,
  });
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
    received: (events) => received.inc(events),
    accepted: (events) => accepted.inc(events),
    rejected(items, reason) {
      received.inc(items);
      rejected.inc({ reason }, items);
    },
    refused(events) {
      refused.inc();
      rejected.inc({ reason: "queue_unavailable" }, events);
    },
    truncated: (fields) => truncated.inc(fields),
    request: (route, status, seconds) => requests.observe({ route, status: String(status) }, seconds),
  };
}
