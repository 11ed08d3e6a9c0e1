import { rankOf, stampOf, timeOfStamp, type JsonObject, type JsonValue, type Rank, type Stamp } from "@xtrace/contract";
import { compareJson } from "./canonical-json.ts";
import {
  emptyMetadata,
  newestLeaf,
  readMetadata,
  storeMetadata,
  writeMetadata,
  type MetadataNode,
} from "./merge-metadata.ts";
import type { Stamps } from "./stamps.ts";

/**
 * How the writes to one field come to one value:
 * - `latest`: the highest stamp stays.
 * - `first`: the strongest rank stays, within it the lowest stamp. For what never changes after it was said.
 * - `earliest`: the strongest rank stays, within it the lowest value. A write without the field
 *   counts with its own time at the weakest rank, so the field is never empty.
 * - `union`: a sorted set.
 * - `deep`: objects merged at every depth, see merge-metadata.ts.
 */
export type MergeKind = "latest" | "first" | "earliest" | "union" | "deep";

/** By property of the row: how it is merged, and its name in events. */
export type MergeRules = Readonly<Record<string, { readonly kind: MergeKind; readonly from: string }>>;

/** A row as the merge sees it: its values by property, its base stamp and the stamps that differ from it. */
export type StampedRow = Readonly<Record<string, unknown>> & {
  readonly eventStamp: Stamp;
  readonly stamps: Stamps | null;
};

export type StampedEvent = Readonly<Record<string, unknown>> & { readonly stamp: Stamp };

/**
 * What a row becomes when events join it. Pure, and blind to order and repetition: the same row comes of every
 * permutation and every duplication of all its events, in every split over calls.
 *
 * That holds because each field is the maximum of its writes in a total order, and `stamps` keeps
 * the place in that order of every value that may still be overtaken.
 *
 * Written into `row`, which may have other properties.
 */
export function mergeRow(
  rules: MergeRules,
  stored: StampedRow | null,
  events: readonly StampedEvent[],
  row: Record<string, unknown> = {},
): StampedRow {
  const [only] = events;
  if (!stored && only && events.length === 1) return rowOfOne(rules, only, row);
  const state = stored ? readState(rules, stored) : emptyState();
  for (const event of events) applyEvent(rules, state, event);
  return storeState(rules, state, row);
}

/**
 * The row of a single write, without the machinery that weighs writes against each other: what most rows
 * of most batches are. A shortcut only: the tests hold it to what the long way gives.
 */
function rowOfOne(rules: MergeRules, event: StampedEvent, row: Record<string, unknown>): StampedRow {
  const { stamp } = event;
  const fieldStamps: Record<string, Stamp> = {};
  for (const property in rules) {
    const { kind, from } = rules[property] as MergeRules[string];
    const value = event[from] as JsonValue | undefined;
    if (kind === "earliest") {
      const write = earliestWrite(value, stamp);
      row[property] = write.value;
      if (!isImplied(kind, write, stamp)) fieldStamps[property] = write.stamp;
    } else if (kind === "union") {
      row[property] = [...new Set(value as readonly string[] | undefined)].toSorted();
    } else {
      row[property] = value ?? null;
      // The field was cleared, which has to be remembered.
      if (value === null) fieldStamps[property] = stamp;
    }
  }
  return Object.assign(row, { eventStamp: stamp, stamps: compactStamps(fieldStamps, {}) });
}

type Register = { stamp: Stamp; value: JsonValue };

type MergeState = {
  readonly registers: Map<string, Register>;
  readonly tags: Map<string, Set<string>>;
  readonly metadata: Map<string, MetadataNode>;
  /** The newest event; the base stamp of a row that has nothing else to stamp. */
  newest: Stamp;
};

function emptyState(): MergeState {
  return { registers: new Map(), tags: new Map(), metadata: new Map(), newest: Number.NEGATIVE_INFINITY };
}

function applyEvent(rules: MergeRules, state: MergeState, event: StampedEvent): void {
  const { stamp } = event;
  state.newest = Math.max(state.newest, stamp);
  for (const property in rules) {
    const { kind, from } = rules[property] as MergeRules[string];
    const value = event[from] as JsonValue | undefined;
    if (kind === "earliest") {
      applyRegister(state, property, kind, earliestWrite(value, stamp));
      continue;
    }
    if (value === undefined) continue;
    if (kind === "union") {
      const tags = state.tags.get(property) ?? new Set();
      for (const tag of value as readonly string[]) tags.add(tag);
      state.tags.set(property, tags);
    } else if (kind === "deep") {
      const tree = state.metadata.get(property) ?? emptyMetadata();
      writeMetadata(tree, value as JsonObject, stamp);
      state.metadata.set(property, tree);
    } else {
      applyRegister(state, property, kind, { stamp, value });
    }
  }
}

/** Its stamp says the rank only: the value itself decides within a rank. */
function earliestWrite(value: JsonValue | undefined, stamp: Stamp): Register {
  if (typeof value === "number") return { stamp: stampOf(0, rankOf(stamp)), value };
  return { stamp: stampOf(0, "inferred"), value: timeOfStamp(stamp) };
}

const RANK_ORDER: Record<Rank, number> = { inferred: 0, derived: 1, explicit: 2 };

/** Positive when `a` stays over `b`. */
function compareRegisters(kind: MergeKind, a: Register, b: Register): number {
  if (kind !== "latest") {
    const byRank = RANK_ORDER[rankOf(a.stamp)] - RANK_ORDER[rankOf(b.stamp)];
    if (byRank !== 0) return byRank;
    if (kind === "earliest") return (b.value as number) - (a.value as number);
    if (a.stamp !== b.stamp) return b.stamp - a.stamp;
  } else if (a.stamp !== b.stamp) {
    return a.stamp - b.stamp;
  }
  return compareJson(a.value, b.value);
}

function applyRegister(state: MergeState, property: string, kind: MergeKind, write: Register): void {
  const current = state.registers.get(property);
  if (!current || compareRegisters(kind, write, current) > 0) state.registers.set(property, write);
}

function readState(rules: MergeRules, row: StampedRow): MergeState {
  const state = emptyState();
  state.newest = row.eventStamp;
  const recorded = row.stamps?.f ?? {};
  for (const property in rules) {
    const { kind } = rules[property] as MergeRules[string];
    const value = (row[property] ?? null) as JsonValue;
    if (kind === "union") {
      if (value !== null) state.tags.set(property, new Set(value as readonly string[]));
    } else if (kind === "deep") {
      if (value !== null) {
        const stored = { value: value as JsonObject, stamps: row.stamps?.m ?? {} };
        state.metadata.set(property, readMetadata(stored, row.eventStamp));
      }
    } else if (kind === "earliest") {
      state.registers.set(property, { stamp: recorded[property] ?? stampOf(0, rankOf(row.eventStamp)), value });
    } else if (value !== null || recorded[property] !== undefined) {
      state.registers.set(property, { stamp: recorded[property] ?? row.eventStamp, value });
    }
  }
  return state;
}

function storeState(rules: MergeRules, state: MergeState, row: Record<string, unknown>): StampedRow {
  const base = baseStamp(rules, state);
  const fieldStamps: Record<string, Stamp> = {};
  let metadataStamps: Stamps["m"] = {};
  for (const property in rules) {
    const { kind } = rules[property] as MergeRules[string];
    if (kind === "union") {
      row[property] = [...(state.tags.get(property) ?? [])].toSorted();
    } else if (kind === "deep") {
      const tree = state.metadata.get(property);
      const stored = tree && storeMetadata(tree, base);
      row[property] = stored?.value ?? null;
      metadataStamps = stored?.stamps ?? {};
    } else {
      const register = state.registers.get(property);
      row[property] = register?.value ?? null;
      if (register && !isImplied(kind, register, base)) fieldStamps[property] = register.stamp;
    }
  }
  // Assigned, not spread: copying rows of thirty fields was an eighth of the writer's time.
  return Object.assign(row, { eventStamp: base, stamps: compactStamps(fieldStamps, metadataStamps) });
}

/** Whether readState would come to the same register without an entry. */
function isImplied(kind: MergeKind, register: Register, base: Stamp): boolean {
  if (kind === "earliest") return rankOf(register.stamp) === rankOf(base);
  return register.value !== null && register.stamp === base;
}

/**
 * The stamp that most fields share, so that most rows need no `stamps` at all; the newer one of two
 * equally common ones. A function of the merged fields alone, or equal rows would differ in it.
 */
function baseStamp(rules: MergeRules, state: MergeState): Stamp {
  const counts = new Map<Stamp, number>();
  for (const [property, register] of state.registers) {
    if (rules[property]?.kind === "earliest") continue;
    counts.set(register.stamp, (counts.get(register.stamp) ?? 0) + 1);
  }
  let best: { stamp: Stamp; count: number } | undefined;
  for (const [stamp, count] of counts) {
    if (!best || count > best.count || (count === best.count && stamp > best.stamp)) best = { stamp, count };
  }
  if (best) return best.stamp;
  const newest = Math.max(...[...state.metadata.values()].map(newestLeaf));
  return Number.isFinite(newest) ? newest : state.newest;
}

function compactStamps(f: Record<string, Stamp>, m: NonNullable<Stamps["m"]>): Stamps | null {
  const hasFields = Object.keys(f).length > 0;
  const hasPaths = Object.keys(m).length > 0;
  if (!hasFields && !hasPaths) return null;
  return { ...(hasFields ? { f } : {}), ...(hasPaths ? { m } : {}) };
}
