import { WRITE_METHODS } from "@xtrace/contract";

/** Every path that takes events. What splits traffic between gateway and query goes by `isIngestRequest`. */
export const INGEST_PATHS: readonly string[] = [...WRITE_METHODS.keys()];

/** Single writes of Langfuse's clients before version 2. The query app reads and deletes at the same paths. */
const LEGACY_PATHS = ["/api/public/traces", "/api/public/spans", "/api/public/generations", "/api/public/events"];

/** By POST nothing but writing happens at these. */
const WRITE_PATHS = INGEST_PATHS.filter((path) => !LEGACY_PATHS.includes(path));

/**
 * Whether a request is the gateway's where one address serves both: writes, and a browser's questions about them. As everywhere,
 * a slash at the end changes nothing: Langfuse redirects to the path without it.
 */
export function isIngestRequest(method: string, pathAsSent: string): boolean {
  const path = pathAsSent.replace(/\/$/, "");
  if (WRITE_PATHS.includes(path)) return method === "POST" || method === "OPTIONS";
  return LEGACY_PATHS.includes(path) && (method === "POST" || method === "PATCH");
}
