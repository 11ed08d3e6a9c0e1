import { LIMITS, NonEmptyText, usFromIso } from "@xtrace/contract";
import { z } from "zod";
import { cutText } from "./cut-text.ts";

/*
 * The pieces that wire schemas are made of. None of them walks a payload, and no message quotes a value.
 */

/**
 * An id as the client chose it. Measured in UTF-8 bytes: two ids share an index entry, which ends
 * at 2,704 bytes, so an id of 800 letters fits and one of 800 ideographs could not be stored.
 */
export const WireId = NonEmptyText.refine(fitsIndex, { error: `longer than ${LIMITS.maxIdLength} bytes` });

/** An id that clients also send empty to say that there is none. */
export const WireReference = z.string().refine(fitsIndex, { error: `longer than ${LIMITS.maxIdLength} bytes` });

function fitsIndex(id: string): boolean {
  // A code unit takes at most three bytes, so usual ids are not even measured.
  return id.length * 3 <= LIMITS.maxIdLength || Buffer.byteLength(id) <= LIMITS.maxIdLength;
}

/** An ISO 8601 time with an offset, read as Unix epoch microseconds. */
export const WireTime = z.string().transform((text, context) => {
  const timeUs = usFromIso(text);
  if (timeUs === undefined) {
    context.addIssue({ code: "custom", message: "expected an ISO 8601 time with an offset" });
    return z.NEVER;
  }
  if (!Number.isSafeInteger(timeUs)) {
    context.addIssue({ code: "custom", message: "expected a time between the years 1685 and 2255" });
    return z.NEVER;
  }
  return timeUs;
});

/** The first `LIMITS.maxTags` tags, each once and cut. What follows them is not even looked at. */
export const WireTags = z
  .custom<readonly unknown[]>(Array.isArray, { error: "expected an array" })
  .transform((tags, context) => {
    const kept = new Set<string>();
    for (const [index, tag] of tags.slice(0, LIMITS.maxTags).entries()) {
      if (typeof tag === "string") kept.add(cutText(tag, LIMITS.maxTagLength));
      else context.addIssue({ code: "custom", path: [index], message: "expected a string" });
    }
    return [...kept];
  });
