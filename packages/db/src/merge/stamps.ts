import type { Stamp } from "@xtrace/contract";

/**
 * Which write stands behind each field of a stored row.
 *
 * Most fields of a row were written by one event, so the row holds that event's stamp once
 * (`event_stamp`) and this only the others. A field with a value and no entry has the row's stamp;
 * a field that is null and has no entry was never written.
 */
export type Stamps = {
  /** By field name. An entry for a null field says that it was cleared. */
  readonly f?: { readonly [field: string]: Stamp };
  /** By path in `metadata`, see merge-metadata.ts. */
  readonly m?: { readonly [path: string]: Stamp };
};
