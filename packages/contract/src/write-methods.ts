const OTLP_PATHS = ["traces", "logs", "metrics"].flatMap((signal) => [
  `/api/public/otel/v1/${signal}`,
  `/v1/${signal}`,
]);

/** Where events are sent to, and by which methods: this system's own paths, Langfuse's and OTLP's. Some are read at too. */
export const WRITE_METHODS: ReadonlyMap<string, readonly string[]> = new Map([
  ["/v1/l/batch", ["POST"]],
  ["/v1/metrics/batch", ["POST"]],
  ["/api/public/ingestion", ["POST"]],
  ["/api/public/scores", ["POST"]],
  // Single writes of Langfuse's clients before version 2.
  ["/api/public/traces", ["POST"]],
  ["/api/public/spans", ["POST", "PATCH"]],
  ["/api/public/generations", ["POST", "PATCH"]],
  ["/api/public/events", ["POST"]],
  ...OTLP_PATHS.map((path): [string, string[]] => [path, ["POST"]]),
]);
