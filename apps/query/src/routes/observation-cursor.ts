import { z } from "@hono/zod-openapi";
import { atMost, isoFromUs, usFromIso } from "@xtrace/contract";
import type { ObservationCursor } from "@xtrace/db";

/** Longer than any id that is stored. */
const MAX_ID_LENGTH = 2_000;

const Id = z
  .string()
  .refine(...atMost(MAX_ID_LENGTH))
  .refine((text) => !text.includes("\u0000"));

/** Source: the cursor of Langfuse's v2 observations. */
const CursorBody = z.object({ lastStartTimeTo: z.string(), lastTraceId: Id, lastId: Id });

export function encodeObservationCursor({ startTimeUs, traceId, id }: ObservationCursor): string {
  const body = { lastStartTimeTo: isoFromUs(startTimeUs), lastTraceId: traceId, lastId: id };
  return Buffer.from(JSON.stringify(body)).toString("base64");
}

/** `undefined` for anything that `encodeObservationCursor` did not make. */
export function decodeObservationCursor(text: string): ObservationCursor | undefined {
  const parsed = CursorBody.safeParse(parseJson(Buffer.from(text, "base64").toString("utf8")));
  if (!parsed.success) return undefined;
  const startTimeUs = usFromIso(parsed.data.lastStartTimeTo);
  if (startTimeUs === undefined || !Number.isSafeInteger(startTimeUs)) return undefined;
  return { startTimeUs, traceId: parsed.data.lastTraceId, id: parsed.data.lastId };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
