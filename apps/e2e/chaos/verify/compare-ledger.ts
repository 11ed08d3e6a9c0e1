import type { Entry } from "../load/ledger.ts";
import { KINDS, type Kind } from "../load/part.ts";
import type { Stored, StoredRow } from "./read-stored.ts";

/** What the database holds against what was promised and what was sent; ids, never contents. */
export type Comparison = {
  /** Parts that were acknowledged, each once however often it was sent. */
  readonly acknowledged: number;
  readonly storedRows: number;
  /** Acknowledged, and not there. */
  readonly lost: readonly string[];
  /** There more than once. */
  readonly duplicated: readonly string[];
  /** There with another content than the one sent. */
  readonly altered: readonly string[];
  /** There, and never sent. */
  readonly unsent: readonly string[];
};

export function compareLedger(
  ledger: { readonly sent: readonly Entry[]; readonly acked: readonly Entry[] },
  stored: Stored,
): Comparison {
  const acked = distinctParts(ledger.acked);
  const sent = distinctParts(ledger.sent);
  const comparisons = KINDS.map((kind) => compareKind(kind, acked.get(kind) ?? [], sent.get(kind) ?? [], stored[kind]));
  return {
    acknowledged: [...acked.values()].flat().length,
    storedRows: KINDS.reduce((rows, kind) => rows + stored[kind].length, 0),
    lost: comparisons.flatMap(({ lost }) => lost),
    duplicated: comparisons.flatMap(({ duplicated }) => duplicated),
    altered: comparisons.flatMap(({ altered }) => altered),
    unsent: comparisons.flatMap(({ unsent }) => unsent),
  };
}

function compareKind(kind: Kind, acked: readonly Entry[], sent: readonly Entry[], stored: readonly StoredRow[]) {
  const rows = new Map(stored.map((row) => [row.id, row]));
  const expected = new Map(sent.map((part) => [`${part.id} ${part.field}`, part.digest]));
  const sentIds = new Set(sent.map(({ id }) => id));
  const name = (id: string) => `${kind} ${id}`;
  return {
    lost: acked
      .filter(({ id, field }) => rows.get(id)?.digests[field] === undefined)
      .map(({ id, field }) => `${name(id)} ${field}`),
    duplicated: repeated(stored.map(({ id }) => id)).map(name),
    altered: stored.flatMap(({ id, digests }) =>
      Object.entries(digests)
        .filter(([field, digest]) => sentIds.has(id) && expected.get(`${id} ${field}`) !== digest)
        .map(([field]) => `${name(id)} ${field}`),
    ),
    unsent: stored.filter(({ id }) => !sentIds.has(id)).map(({ id }) => name(id)),
  };
}

/** A trace is named by every request that writes to it. */
function distinctParts(entries: readonly Entry[]): Map<Kind, Entry[]> {
  const seen = new Set<string>();
  const byKind = new Map<Kind, Entry[]>();
  for (const entry of entries) {
    const key = `${entry.kind} ${entry.id} ${entry.field}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const ofKind = byKind.get(entry.kind);
    if (ofKind) ofKind.push(entry);
    else byKind.set(entry.kind, [entry]);
  }
  return byKind;
}

function repeated(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.size === seen.add(id).size);
}
