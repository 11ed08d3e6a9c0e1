import { atMost, LIMITS, NonEmptyText } from "@xtrace/contract";
import type { z } from "zod";
import { WireId } from "../fields/wire-fields.ts";

/*
 * Ids as Langfuse takes them: of 1 to 800 characters and without a carriage return.
 *
 * Source: Langfuse's public API, `POST /api/public/ingestion`.
 */

/** Of an event in a batch; it is given back and kept nowhere. */
export const EventId = withoutReturns(NonEmptyText.refine(...atMost(LIMITS.maxIdLength)));

/** Of a trace, an observation or a score. */
export const EntityId = withoutReturns(WireId);

function withoutReturns<T extends z.ZodType<string>>(schema: T) {
  return schema.refine((id) => !id.includes("\r"), { error: "must not contain a carriage return" });
}
