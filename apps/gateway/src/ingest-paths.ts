/** Every path that takes events, all by POST. What splits traffic between gateway and query goes by this list. */
export const INGEST_PATHS: readonly string[] = [
  "/v1/l/batch",
  "/v1/metrics/batch",
  "/v1/traces",
  "/api/public/otel/v1/traces",
  "/api/public/ingestion",
  "/api/public/scores",
];

/** Whether a request is the gateway's where one address serves both: writes, and a browser's questions about them. */
export function isIngestRequest(method: string, path: string): boolean {
  return (method === "POST" || method === "OPTIONS") && INGEST_PATHS.includes(path);
}
