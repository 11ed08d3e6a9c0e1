import type { OpenAccess } from "@xtrace/runtime";
import { OTLP_PATHS } from "./protocols/otlp/otlp-paths.ts";

/** What may be written without a key, if anything may. */
export function openAccess(projectId: string | null): OpenAccess | null {
  return projectId === null ? null : { projectId, paths: OTLP_PATHS, scopes: ["ingest"] };
}
