import { isJsonObject, type JsonObject, type JsonValue, type Stamp } from "@xtrace/contract";
import { compareJson } from "./canonical-json.ts";

/**
 * Metadata as a tree in which every leaf remembers its write, so that a deep merge comes out the
 * same whatever the order of arrival.
 *
 * Rules, the same as merging the writes one after the other in the order of their stamps:
 * a leaf (text, number, boolean, null, array, empty object) replaces what an earlier write put at
 * its path or below it; an object is merged key by key and replaces an earlier leaf.
 *
 * Invariant: everything below a node is at least as new as the newest leaf ever written to it,
 * and that leaf's stamp is kept after later content replaced it. Otherwise a late arrival from
 * between the two would come back to life.
 */
export type MetadataNode = {
  leafStamp: Stamp;
  /** `undefined` when no leaf was written, or newer content below replaced it. */
  leaf: JsonValue | undefined;
  children: Map<string, MetadataNode>;
};

export type StoredMetadata = {
  readonly value: JsonObject;
  /** By path: where a leaf's stamp is not the row's, and where a leaf was replaced by content below it. */
  readonly stamps: { readonly [path: string]: Stamp };
};

const NEVER = Number.NEGATIVE_INFINITY;

export function emptyMetadata(): MetadataNode {
  return { leafStamp: NEVER, leaf: undefined, children: new Map() };
}

/** Adds one write. Mutates `root`. */
export function writeMetadata(root: MetadataNode, value: JsonObject, stamp: Stamp): void {
  for (const [key, child] of Object.entries(value)) writeNode(childOf(root, key), child, stamp);
  dropDead(root);
}

function writeNode(node: MetadataNode, value: JsonValue, stamp: Stamp): void {
  if (stamp < node.leafStamp) return;
  if (isJsonObject(value) && Object.keys(value).length > 0) {
    for (const [key, child] of Object.entries(value)) writeNode(childOf(node, key), child, stamp);
    dropDead(node);
    if (node.children.size > 0) node.leaf = undefined;
    return;
  }
  if (stamp === node.leafStamp) {
    if (node.leaf !== undefined && compareJson(value, node.leaf) > 0) node.leaf = value;
    return;
  }
  node.leafStamp = stamp;
  pruneOlder(node, stamp);
  node.leaf = node.children.size > 0 ? undefined : value;
}

/** Removes what is older than a leaf above it. */
function pruneOlder(node: MetadataNode, stamp: Stamp): void {
  for (const [key, child] of node.children) {
    pruneOlder(child, stamp);
    if (child.leafStamp < stamp) {
      child.leaf = undefined;
      child.leafStamp = NEVER;
    }
    if (isDead(child)) node.children.delete(key);
  }
}

/** A write that lost may have left an empty node behind. */
function dropDead(node: MetadataNode): void {
  for (const [key, child] of node.children) if (isDead(child)) node.children.delete(key);
}

function isDead(node: MetadataNode): boolean {
  return node.leaf === undefined && node.children.size === 0;
}

function childOf(node: MetadataNode, key: string): MetadataNode {
  const existing = node.children.get(key);
  if (existing) return existing;
  const child = emptyMetadata();
  node.children.set(key, child);
  return child;
}

/** Rebuilds the tree of a stored row. */
export function readMetadata(stored: StoredMetadata, baseStamp: Stamp): MetadataNode {
  const root = emptyMetadata();
  readChildren(root, stored.value, "", stored.stamps, baseStamp);
  return root;
}

function readChildren(
  node: MetadataNode,
  value: JsonObject,
  path: string,
  stamps: StoredMetadata["stamps"],
  baseStamp: Stamp,
): void {
  for (const [key, child] of Object.entries(value)) {
    const childPath = `${path}/${escapeKey(key)}`;
    const childNode = childOf(node, key);
    const recorded = Object.hasOwn(stamps, childPath) ? stamps[childPath] : undefined;
    if (isJsonObject(child) && Object.keys(child).length > 0) {
      childNode.leafStamp = recorded ?? NEVER;
      readChildren(childNode, child, childPath, stamps, baseStamp);
    } else {
      childNode.leaf = child;
      childNode.leafStamp = recorded ?? baseStamp;
    }
  }
}

/** The tree as it is stored: the plain object that readers see, and the stamps that differ from the row's. */
export function storeMetadata(root: MetadataNode, baseStamp: Stamp): StoredMetadata {
  const stamps: Array<[string, Stamp]> = [];
  const value = storeChildren(root, "", stamps, baseStamp);
  return { value, stamps: Object.fromEntries(stamps) };
}

function storeChildren(node: MetadataNode, path: string, stamps: Array<[string, Stamp]>, baseStamp: Stamp): JsonObject {
  const entries: Array<[string, JsonValue]> = [];
  for (const [key, child] of node.children) {
    const childPath = `${path}/${escapeKey(key)}`;
    const isLeaf = child.leaf !== undefined;
    if (isLeaf ? child.leafStamp !== baseStamp : child.leafStamp !== NEVER) stamps.push([childPath, child.leafStamp]);
    // A leaf may be null, so `??` would not do.
    entries.push([key, child.leaf === undefined ? storeChildren(child, childPath, stamps, baseStamp) : child.leaf]);
  }
  return Object.fromEntries(entries);
}

/** The stamps of all visible leaves, for choosing a row's base stamp. */
export function newestLeaf(node: MetadataNode): Stamp {
  let newest = node.leaf === undefined ? NEVER : node.leafStamp;
  for (const child of node.children.values()) newest = Math.max(newest, newestLeaf(child));
  return newest;
}

/** Source: RFC 6901, JSON Pointer. */
function escapeKey(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
