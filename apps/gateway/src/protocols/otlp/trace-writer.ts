import type { JsonValue, Stamp, TraceEvent } from "@xtrace/contract";
import { objectOf } from "../fields/json-object.ts";

/**
 * Puts writes to one trace into events. Writes with one stamp share an event, but no two to the
 * same field: those go to the next event of that stamp.
 */
export function createTraceWriter(id: string) {
  const drafts: Draft[] = [];
  const byStamp = new Map<Stamp, Draft[]>();
  const writesTo = new Map<string, number>();

  function draftFor(place: string, stamp: Stamp): Draft {
    const sameStamp = byStamp.get(stamp) ?? [];
    byStamp.set(stamp, sameStamp);
    const key = `${stamp} ${place}`;
    const earlier = writesTo.get(key) ?? 0;
    writesTo.set(key, earlier + 1);
    const known = sameStamp[earlier];
    if (known) return known;
    const draft: Draft = { event: { id, stamp }, metadata: new Map() };
    sameStamp.push(draft);
    drafts.push(draft);
    return draft;
  }

  return {
    /** The value is one that the field was given, so it has the field's type. */
    write(field: keyof TraceEvent, value: JsonValue, stamp: Stamp): void {
      Object.assign(draftFor(field, stamp).event, { [field]: value });
    },
    writeMetadata(key: string, value: JsonValue, stamp: Stamp): void {
      draftFor(`metadata ${key}`, stamp).metadata.set(key, value);
    },
    events(): TraceEvent[] {
      return drafts.map(({ event, metadata }) => {
        return metadata.size === 0 ? event : { ...event, metadata: objectOf(metadata) };
      });
    },
  };
}

type Draft = { readonly event: TraceEvent; readonly metadata: Map<string, JsonValue> };
