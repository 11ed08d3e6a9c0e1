import { WRITE_ONLY_PATHS } from "@xtrace/contract";

/** By POST nothing but writing happens at these. */
const WRITE_PATHS = [...WRITE_ONLY_PATHS, "/api/public/scores"];

/** Single writes of Langfuse's clients before version 2. The query app reads and deletes at the same paths. */
const LEGACY_PATHS = ["/api/public/traces", "/api/public/spans", "/api/public/generations", "/api/public/events"];

/** Every path that takes events, all by POST. What splits traffic between gateway and query goes by `isIngestRequest`. */
export const INGEST_PATHS: readonly string[] = [...WRITE_PATHS, ...LEGACY_PATHS];

/** Whether a request is the gateway's where one address serves both: writes, and a browser's questions about them. */
export function isIngestRequest(method: string, path: string): boolean {
  if (WRITE_PATHS.includes(path)) return method === "POST" || method === "OPTIONS";
  return LEGACY_PATHS.includes(path) && (method === "POST" || method === "PATCH");
}
