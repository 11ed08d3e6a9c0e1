import { isJsonObject, type JsonValue } from "@xtrace/contract";
import { setMember } from "../../fields/json-object.ts";
import { mayHoldBelow } from "../attribute-prefixes.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import type { Payload } from "./convention.ts";

/*
 * Lists that instrumentations flatten, because an attribute long held no structures:
 * `gen_ai.prompt.0.role`, `llm.input_messages.1.message.tool_calls.0.tool_call.id`.
 */

/** Places in a list beyond it are no list. Source: the bound that Langfuse has. */
const MAX_PLACES = 10_001;
/** Segments of a name. The deepest that are known have nine. */
const MAX_DEPTH = 16;

type Tree = Map<string, Tree | Leaf>;
type Leaf = { readonly attribute: string; readonly value: JsonValue };

/**
 * The list below `prefix`, which ends in a dot, whatever the order of the attributes. Places that are
 * missing, because a span holds only so many attributes, are closed up: so a list has no more
 * items than the span has attributes, whatever numbers they name. Attributes that are refused are
 * not among those of the payload.
 */
export function listBelow(span: OtlpSpan, prefix: string): Payload | undefined {
  if (!mayHoldBelow(span.prefixBits, prefix)) return undefined;
  const root: Tree = new Map();
  span.attributes.forEach((value, attribute) => {
    if (attribute.startsWith(prefix)) plant(root, attribute.slice(prefix.length).split("."), { attribute, value });
  });
  if (root.size === 0) return undefined;
  const attributes: string[] = [];
  return { value: grown(root, attributes), attributes };
}

function plant(root: Tree, path: readonly string[], leaf: Leaf): void {
  if (path.length > MAX_DEPTH || !isPlace(path[0] ?? "") || path.some(isRefused)) return;
  let tree = root;
  for (const segment of path.slice(0, -1)) {
    const child = tree.get(segment);
    const next: Tree = child instanceof Map ? child : new Map();
    // What has parts is not also text: the parts say more.
    tree.set(segment, next);
    tree = next;
  }
  const last = path.at(-1) ?? "";
  if (!(tree.get(last) instanceof Map)) tree.set(last, leaf);
}

function grown(tree: Tree, attributes: string[]): JsonValue {
  const keys = [...tree.keys()];
  if (keys.every(isPlace)) {
    return keys.toSorted((a, b) => Number(a) - Number(b)).map((key) => branch(tree.get(key), attributes));
  }
  const object: Record<string, JsonValue> = {};
  for (const [key, child] of tree) setMember(object, key, branch(child, attributes));
  return object;
}

function branch(child: Tree | Leaf | undefined, attributes: string[]): JsonValue {
  if (child instanceof Map) return grown(child, attributes);
  if (child === undefined) return null;
  attributes.push(child.attribute);
  return child.value;
}

function isPlace(segment: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(segment) && Number(segment) < MAX_PLACES;
}

/** Names that reach into the machinery of objects in programs that read this JSON, and places beyond the bound. */
function isRefused(segment: string): boolean {
  return segment === "" || POLLUTING.has(segment) || (/^\d+$/.test(segment) && !isPlace(segment));
}

const POLLUTING = new Set(["__proto__", "constructor", "prototype"]);

/** Each item of a list below the one name that flattening gave it, such as `document` of `documents.0.document.content`. */
export function unwrapped(found: Payload | undefined, name: string): Payload | undefined {
  if (!found || !Array.isArray(found.value)) return found;
  const items: readonly JsonValue[] = found.value;
  return { ...found, value: items.map((item) => (isJsonObject(item) ? (item[name] ?? item) : item)) };
}
