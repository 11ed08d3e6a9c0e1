import { isoFromUs, usFromIso } from "@xtrace/contract";
import type { ScorePosition } from "@xtrace/db";
import { z } from "zod";

/** Versioned, so that a cursor that a client kept is refused rather than misread. Source: Langfuse's v3 scores. */
const Cursor = z.object({ v: z.literal(1), lastTimestamp: z.string(), lastId: z.string() });

export function encodeScoreCursor({ timestampUs, id }: ScorePosition): string {
  const cursor: z.infer<typeof Cursor> = { v: 1, lastTimestamp: isoFromUs(timestampUs), lastId: id };
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

/** `undefined` for anything that `encodeScoreCursor` did not make. */
export function decodeScoreCursor(text: string): ScorePosition | undefined {
  const result = Cursor.safeParse(parseJson(Buffer.from(text, "base64url").toString("utf8")));
  const timestampUs = result.success ? usFromIso(result.data.lastTimestamp) : undefined;
  if (!result.success || !Number.isSafeInteger(timestampUs) || timestampUs === undefined) return undefined;
  return result.data.lastId.includes("\u0000") ? undefined : { timestampUs, id: result.data.lastId };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
