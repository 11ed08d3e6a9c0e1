/** Where events are sent to and nothing is read, by POST alone: this system's own paths, Langfuse's and OTLP's. */
export const WRITE_ONLY_PATHS: readonly string[] = [
  "/v1/l/batch",
  "/v1/metrics/batch",
  "/api/public/ingestion",
  ...["traces", "logs", "metrics"].flatMap((signal) => [`/api/public/otel/v1/${signal}`, `/v1/${signal}`]),
];
