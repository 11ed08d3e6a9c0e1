import { createHash } from "node:crypto";

export const KINDS = ["trace", "observation", "score", "metric"] as const;
export type Kind = (typeof KINDS)[number];

/**
 * One thing that a request says about one row, and what can be asked of the database afterwards: is
 * the row there, and does the field hold what was sent. A row may be said in several requests.
 */
export type Part = {
  readonly kind: Kind;
  readonly id: string;
  readonly field: string;
  readonly digest: string;
};

export function partOf(kind: Kind, id: string, field: string, content: unknown): Part {
  return { kind, id, field, digest: digestOf(content) };
}

/** Short, and long enough that no two contents of a run share one. */
export function digestOf(content: unknown): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 20);
}
