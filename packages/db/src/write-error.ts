import { RowVanishedError } from "./write/upsert-merged.ts";

export type DataFailure = { readonly kind: "data"; readonly sqlstate: string | null; readonly message: string };

/** Something of the moment: in the way of this write, or a server on which none would succeed now. */
export type PassingFailure = { readonly kind: "conflict" | "outage"; readonly code: string };

/** Why a write failed: for its data, and then it always will, or for the moment. */
export type WriteFailure = DataFailure | PassingFailure;

/**
 * SQLSTATE classes that speak of the data: cardinality, data exception, integrity constraint, program limit.
 *
 * Source: PostgreSQL documentation, appendix A.
 */
const DATA_CLASSES = new Set(["21", "22", "23", "54"]);

/** The trace was deleted under an observation: the next try writes it anew. */
const FOREIGN_KEY_VIOLATION = "23503";

/** No connection, no resources but memory, shutting down, refused at the door, read-only. What is not known to be these is one write's own affair. */
const OUTAGE = /^(08...|53[0134]..|57P..|28...|3D000|25006)$/;

/** Of the driver and of the operating system. */
const CONNECTION_FAILURE = /^(CONNECTION_|CONNECT_|E[A-Z_]+$)/;

/**
 * Tells a value that PostgreSQL will never take from a server that is away, full, locked or not
 * migrated yet. A failure of our own code counts as the data's: it would repeat for ever, and the
 * item that provokes it must not hold up its neighbours.
 */
export function classifyWriteError(error: unknown): WriteFailure {
  const root = rootCause(error);
  if (root instanceof RowVanishedError) return { kind: "conflict", code: root.name };
  const code = codeOf(root);
  const message = root instanceof Error ? root.message : String(root);
  if (code === undefined) return { kind: "data", sqlstate: null, message };
  const isSqlstate = /^[0-9A-Z]{5}$/.test(code);
  const isData = isSqlstate && DATA_CLASSES.has(code.slice(0, 2)) && code !== FOREIGN_KEY_VIOLATION;
  if (isData) return { kind: "data", sqlstate: code, message };
  const isOutage = (isSqlstate ? OUTAGE : CONNECTION_FAILURE).test(code);
  return { kind: isOutage ? "outage" : "conflict", code };
}

/** Drizzle wraps the driver's error. */
function rootCause(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && current.cause !== undefined) current = current.cause;
  return current;
}

/** Node's own type and range errors carry codes too, such as ERR_OUT_OF_RANGE; those are faults of ours. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return error.code.startsWith("ERR_") ? undefined : error.code;
}
