import { z } from "zod";

/** Any value that JSON can carry. Never `undefined`, never a non-finite number. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export type JsonObject = { readonly [key: string]: JsonValue };

/**
 * Accepts without walking: a value that came out of `JSON.parse` is JSON already, and walking
 * inputs and outputs a second time would cost more than all other validation together.
 */
export const JsonValue = z.custom<JsonValue>((value) => value !== undefined);

/** A JsonValue or nothing, in a form that an API description can tell. */
export const OptionalJson = z
  .unknown()
  .transform((value) => value as JsonValue)
  .optional();

export const JsonObject = z.custom<JsonObject>(isJsonObject, { error: "expected an object" });

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `Array.isArray` would make the items `any`. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
