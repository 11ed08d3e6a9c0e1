import { isJsonArray, type JsonValue, LIMITS } from "@xtrace/contract";
import { AppError } from "./app-error.ts";
import { readBody, type BodyLimits } from "./read-body.ts";

/** A JSON body that is safe to hand on, see parseJson, and its bytes after decompression. */
export type JsonRequest = { readonly body: JsonValue; readonly bytes: Uint8Array };

/** Throws UNSUPPORTED_MEDIA_TYPE for another declared type; a body without one is taken as JSON. */
export async function readJson(request: Request, limits: BodyLimits): Promise<JsonRequest> {
  if (!declaresJson(request)) {
    throw new AppError("UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/json");
  }
  const bytes = await readBody(request, limits);
  return { body: parseJson(bytes), bytes };
}

/** Whether a body is to be taken as JSON: one without a type is. */
export function declaresJson(request: Request): boolean {
  const mediaType = request.headers.get("content-type")?.split(";")[0]?.trim() ?? "";
  return mediaType === "" || JSON_MEDIA_TYPE.test(mediaType);
}

const JSON_MEDIA_TYPE = /^application\/([^/]+\+)?json$/i;

/**
 * Parses JSON and makes sure that it can be written again, here and by PostgreSQL.
 *
 * - `JSON.stringify` overflows the stack on deep values that `JSON.parse` takes: TOO_DEEP.
 * - `1e400` parses to Infinity, which JSON cannot write: NON_FINITE.
 * - Sixty megabytes of `[{},{},…]` take half a minute and gigabytes to parse: refused unparsed.
 * - PostgreSQL stores neither U+0000 nor half a surrogate pair: each becomes U+FFFD, in keys too.
 *
 * Invalid UTF-8 is read as U+FFFD.
 */
export function parseJson(bytes: Uint8Array): JsonValue {
  if (bytes.length > LARGE_BYTES) refuseTooManyValues(bytes);
  const text = new TextDecoder().decode(bytes);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new AppError("INVALID_JSON", text.trim() === "" ? "Body is empty" : "Body is not valid JSON", { cause });
  }
  checkWritable(value);
  return text.includes("\\u") && UNSTORABLE_ESCAPE.test(text) ? (cleanJson(value) as JsonValue) : value;
}

/** A raw U+0000 is no valid JSON, and decoding UTF-8 leaves no lone surrogate: only escapes can bring either. */
const UNSTORABLE_ESCAPE = /\\u(0000|[dD][89a-fA-F])/;

/** A smaller body cannot hold enough values to hurt, so only a larger one is looked through. */
const LARGE_BYTES = 1024 * 1024;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** Counts the commas outside of strings: each value but the first of a list or an object costs one. */
function refuseTooManyValues(bytes: Uint8Array): void {
  let isText = false;
  let commas = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === QUOTE) isText = !isText;
    else if (byte === BACKSLASH) index += 1;
    else if (byte === COMMA && !isText) commas += 1;
  }
  if (commas < LIMITS.maxJsonValues) return;
  throw new AppError("BAD_REQUEST", `Body holds more than ${LIMITS.maxJsonValues} values`);
}

/** Lists neither keys nor values, as most of what it walks is of no interest. Its own depth is bounded by what it checks. */
function checkWritable(value: JsonValue | undefined, depth = 0): void {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new AppError("NON_FINITE", "Body holds a number that is too large for JSON");
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (depth >= LIMITS.maxJsonDepth) {
    throw new AppError("TOO_DEEP", `Body is nested deeper than ${LIMITS.maxJsonDepth} levels`);
  }
  if (isJsonArray(value)) for (const child of value) checkWritable(child, depth + 1);
  else for (const key in value) checkWritable(value[key], depth + 1);
}

function cleanJson(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (typeof value !== "object" || value === null) return value;
  // fromEntries defines properties, so a key `__proto__` stays plain data.
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [cleanText(key), cleanJson(child)]));
}

/** Replaces what PostgreSQL cannot store in text: U+0000 and lone surrogates. */
export function cleanText(text: string): string {
  return text.replaceAll("\u0000", "\uFFFD").toWellFormed();
}
