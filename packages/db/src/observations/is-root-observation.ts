import { sql } from "drizzle-orm";
import { observations } from "../schema/observations.ts";

/**
 * Whether an observation is a root to its reader: it has no parent, or its client marked it as the first of an application
 * below spans that are sent elsewhere. Such a mark is kept among the attributes of the span.
 *
 * Source: Langfuse's `isRootObservation`.
 */
export const IS_ROOT_OBSERVATION = sql<boolean>`(${observations.parentObservationId} is null
  or coalesce(${observations.metadata} #>> '{attributes,langfuse.internal.is_app_root}' = 'true', false))`;
