import { isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";
import { objectOf } from "../../fields/json-object.ts";
import { mayHoldBelow } from "../attribute-prefixes.ts";
import { valueOfText } from "../json-text.ts";
import type { Attributes, OtlpSpan } from "../otlp-span.ts";
import type { Payload, Reader } from "./convention.ts";

/*
 * What the tables of the conventions are made of. Where several attributes are named, the first
 * that holds something counts.
 */

/** Text that is not empty. A number or a boolean is taken by its text. */
export function textAt(attributes: Attributes, key: string): string | undefined {
  const value = attributes.get(key);
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** A value, JSON text parsed. Neither null nor empty text, which say that there is none. */
export function valueAt(attributes: Attributes, key: string): JsonValue | undefined {
  const value = attributes.get(key);
  if (value === "") return undefined;
  return (typeof value === "string" ? valueOfText(value) : value) ?? undefined;
}

/** True and false, also as text in any case. */
export function booleanAt(attributes: Attributes, key: string): boolean | undefined {
  const text = textAt(attributes, key)?.toLowerCase();
  return text === "true" ? true : text === "false" ? false : undefined;
}

/** A number, also one that was sent as text. */
export function numberOf(value: JsonValue | undefined): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

export function text(...keys: string[]): Reader<string> {
  return ({ attributes }) => {
    for (const key of keys) {
      const found = textAt(attributes, key);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** On the span, or else on its resource. */
export function textAlsoOnResource(...keys: string[]): Reader<string> {
  return (span) => {
    for (const key of keys) {
      const found = textAt(span.attributes, key) ?? textAt(span.resource.attributes, key);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

export function value(...keys: string[]): Reader<JsonValue> {
  return ({ attributes }) => {
    for (const key of keys) {
      const found = valueAt(attributes, key);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** The first of several readers that knows it. */
export function firstOf<T>(...readers: ReadonlyArray<Reader<T>>): Reader<T> {
  return (span) => {
    for (const read of readers) {
      const found = read(span);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

export function payload(...keys: string[]): Reader<Payload> {
  return ({ attributes }) => {
    for (const key of keys) {
      const found = valueAt(attributes, key);
      if (found !== undefined) return { value: found, attributes: [key] };
    }
    return undefined;
  };
}

export function objectAt(attributes: Attributes, key: string): JsonObject | undefined {
  const found = valueAt(attributes, key);
  return isJsonObject(found) ? found : undefined;
}

/** The attributes below a prefix, by the rest of their names. `forEach` makes no pair of each that is passed over. */
export function belowPrefix(span: OtlpSpan, prefix: string): Array<[string, JsonValue]> {
  const found: Array<[string, JsonValue]> = [];
  if (!mayHoldBelow(span.prefixBits, prefix)) return found;
  span.attributes.forEach((attribute, key) => {
    if (key.length > prefix.length && key.startsWith(prefix)) found.push([key.slice(prefix.length), attribute]);
  });
  return found;
}

/** An object as it is; what is none under the key `metadata`. */
export function metadataAt(attributes: Attributes, key: string): JsonObject | undefined {
  const found = valueAt(attributes, key);
  return found === undefined || isJsonObject(found) ? found : { metadata: found };
}

/** The attributes below a prefix as metadata, JSON text parsed, less those that say nothing to a user. */
export function metadataBelow(
  span: OtlpSpan,
  prefix: string,
  isNoise: (name: string) => boolean = () => false,
): JsonObject | undefined {
  const kept = belowPrefix(span, prefix).filter(([name]) => !isNoise(name));
  return kept.length === 0
    ? undefined
    : objectOf(kept.map(([name, found]) => [name, typeof found === "string" ? valueOfText(found) : found]));
}
