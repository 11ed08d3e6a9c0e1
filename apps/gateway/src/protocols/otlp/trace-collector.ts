import {
  isJsonObject,
  rankOf,
  stampOf,
  type JsonObject,
  type JsonValue,
  type Stamp,
  type TraceEvent,
} from "@xtrace/contract";
import { createTraceWriter } from "./trace-writer.ts";

export type TraceCollector = {
  traceOf(traceId: string): TraceFacts;
  /** The few writes that come to the same traces as one write for each fact. */
  events(): TraceEvent[];
};

/** Takes facts about one trace in any order. `undefined` is no fact. */
export type TraceFacts = {
  latest<F extends LatestField>(field: F, value: TraceEvent[F] | undefined, stamp: Stamp): void;
  environment(value: string | undefined, stamp: Stamp): void;
  tags(tags: readonly string[]): void;
  metadata(metadata: JsonObject | undefined, stamp: Stamp): void;
  startsAt(startUs: number): void;
};

export type LatestField = "name" | "userId" | "sessionId" | "release" | "version" | "public" | "input" | "output";

/**
 * SDKs repeat what they know of the trace on each of its spans, a hundred times in one request.
 * The collector keeps of each field what the writer's merge would keep of these facts alone, which
 * is the highest stamp, and drops the rest; so splitting the spans over requests changes nothing.
 *
 * Where the writer's own order of values decides, because stamps are equal, all values are kept.
 */
export function createTraceCollector(): TraceCollector {
  const traces = new Map<string, CollectedTrace>();
  return {
    traceOf(traceId) {
      const known = traces.get(traceId);
      if (known) return known;
      const made = collectTrace(traceId);
      traces.set(traceId, made);
      return made;
    },
    events: () => [...traces.values()].flatMap((trace) => trace.events()),
  };
}

type CollectedTrace = TraceFacts & { events(): TraceEvent[] };

/** The strongest write to one field. */
type Slot = {
  readonly field: LatestField | "environment" | "metadata";
  /** Of metadata only. */
  readonly key: string;
  stamp: Stamp;
  value: JsonValue;
  /** That one and others of the same stamp, each value once; made for the second, as there is hardly ever one. */
  ties: Map<unknown, JsonValue> | undefined;
};

type Write = { readonly field: Slot["field"]; readonly key?: string; readonly value: JsonValue; readonly stamp: Stamp };

function collectTrace(traceId: string): CollectedTrace {
  const slots = new Map<string, Slot>();
  const allTags = new Set<string>();
  let firstStartUs = Number.POSITIVE_INFINITY;

  function put(slotName: string, { field, key = "", value, stamp }: Write): void {
    const slot = slots.get(slotName);
    if (!slot) slots.set(slotName, { field, key, stamp, value, ties: undefined });
    else if (slot.stamp === stamp) {
      slot.ties ??= new Map([[identityOf(slot.value), slot.value]]);
      slot.ties.set(identityOf(value), value);
    } else if (isStronger(field, stamp, slot.stamp)) {
      slot.stamp = stamp;
      slot.value = value;
      slot.ties = undefined;
    }
  }

  return {
    latest(field, value, stamp) {
      if (value !== undefined) put(field, { field, value, stamp });
    },
    environment(value, stamp) {
      if (value !== undefined) put("environment", { field: "environment", value, stamp });
    },
    tags(tags) {
      for (const tag of tags) allTags.add(tag);
    },
    metadata(metadata, stamp) {
      for (const key in metadata) {
        const value = metadata[key] ?? null;
        // The writer merges objects with each other, so only an equal one may take one's place.
        const slotName = isJsonObject(value) ? `tree ${key} ${JSON.stringify(value)}` : `leaf ${key}`;
        put(slotName, { field: "metadata", key, value, stamp });
      }
    },
    startsAt(startUs) {
      firstStartUs = Math.min(firstStartUs, startUs);
    },
    events() {
      const writer = createTraceWriter(traceId);
      writer.write("timestampUs", firstStartUs, stampOf(firstStartUs, "derived"));
      if (allTags.size > 0) writer.write("tags", [...allTags].toSorted(), stampOf(firstStartUs, "derived"));
      for (const { field, key, stamp, value: only, ties } of slots.values()) {
        for (const value of ties?.values() ?? [only]) {
          if (field === "metadata") writer.writeMetadata(key, value, stamp);
          else writer.write(field, value, stamp);
        }
      }
      return writer.events();
    },
  };
}

/** Environments: the first one of the strongest rank. All else: the highest stamp. */
function isStronger(field: Slot["field"], stamp: Stamp, than: Stamp): boolean {
  if (field === "environment" && rankOf(stamp) === rankOf(than)) return stamp < than;
  return stamp > than;
}

/** What tells values of one field apart: lists and objects by their JSON, and text that might be such JSON by a quote before it. */
function identityOf(value: JsonValue): unknown {
  if (typeof value === "string") return /^[[{"]/.test(value) ? `"${value}` : value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}
