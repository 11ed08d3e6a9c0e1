import { LIMITS, type JsonValue } from "@xtrace/contract";
import { AppError } from "@xtrace/runtime";
import type { BodyLimits } from "../protocols/protocol.ts";
import { readBody } from "./read-body.ts";

/** A JSON body that is safe to hand on: see parseJson. Throws UNSUPPORTED_MEDIA_TYPE for another declared type. */
export async function readJson(request: Request, limits: BodyLimits): Promise<JsonValue> {
  requireJsonType(request.headers.get("content-type"));
  return parseJson(await readBody(request, limits));
}

function requireJsonType(contentType: string | null): void {
  const mediaType = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (mediaType === "" || mediaType === "application/json" || mediaType.endsWith("+json")) return;
  throw new AppError("UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/json");
}

/**
 * Parses JSON and makes sure that it can be written again, here and by PostgreSQL.
 *
 * - `JSON.stringify` overflows the stack on deep values that `JSON.parse` takes: TOO_DEEP.
 * - `1e400` parses to Infinity, which JSON cannot write: NON_FINITE.
 * - PostgreSQL stores neither U+0000 nor half a surrogate pair: each becomes U+FFFD, in keys too.
 *
 * Invalid UTF-8 is read as U+FFFD.
 */
export function parseJson(bytes: Uint8Array): JsonValue {
  const text = new TextDecoder().decode(bytes);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new AppError("INVALID_JSON", text.trim() === "" ? "Body is empty" : "Body is not valid JSON", { cause });
  }
  checkWritable(value);
  return UNSTORABLE_ESCAPE.test(text) ? (cleanJson(value) as JsonValue) : value;
}

/** A raw U+0000 is no valid JSON, and decoding UTF-8 leaves no lone surrogate: only escapes can bring either. */
const UNSTORABLE_ESCAPE = /\\u(0000|[dD][89a-fA-F])/;

/** Iterative, because recursion is what deep values break. */
function checkWritable(root: JsonValue): void {
  const pending: Array<{ value: JsonValue; depth: number }> = [{ value: root, depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, depth } = next;
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new AppError("NON_FINITE", "Body holds a number that is too large for JSON");
    }
    if (typeof value !== "object" || value === null) continue;
    if (depth >= LIMITS.maxJsonDepth) {
      throw new AppError("TOO_DEEP", `Body is nested deeper than ${LIMITS.maxJsonDepth} levels`);
    }
    for (const child of Object.values(value) as JsonValue[]) {
      if (typeof child === "object" || typeof child === "number") pending.push({ value: child, depth: depth + 1 });
    }
  }
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
