import { isoFromUs, type JsonObject, type JsonValue } from "@xtrace/contract";
import { cutName } from "../fields/cut-text.ts";
import type { Payload } from "./conventions/convention.ts";
import { allKnown, type Dialect } from "./conventions/dialect.ts";
import { objectOf, setMember, setMembers } from "../fields/json-object.ts";
import type { Attributes, OtlpEvent, OtlpLink, OtlpResource, OtlpScope, OtlpSpan } from "./otlp-span.ts";

export type MetadataMapper = (
  span: OtlpSpan,
  dialect: Dialect,
  payloads: ReadonlyArray<Payload | undefined>,
) => JsonObject;

/**
 * A resource is stored with each of its spans. Without a bound a body of 64 MiB could hold one
 * large resource and a million small spans, and come to terabytes.
 */
const MAX_SHARED_LENGTH = 8 * 1024;

/**
 * What a span carries beyond the fields of an observation, so that nothing that was sent is lost.
 *
 * Shape, as Langfuse has it: `attributes` less those that a field repeats in full (all that a
 * Langfuse SDK sets itself), `resourceAttributes`, `scope`, and beside them the keys of the user's
 * own metadata, which win over ours. Added to that: `events` and `links`, the span's `kind`, and
 * how many attributes, events and links were dropped.
 */
export function createMetadataMapper(): MetadataMapper {
  // A resource and a scope stand for hundreds of spans, so each is made into JSON once.
  const resources = new Map<OtlpResource, JsonObject>();
  const scopes = new Map<OtlpScope, JsonObject>();

  return function metadataOf(span, dialect, payloads) {
    const metadata: Record<string, JsonValue> = {};
    const attributes = unmappedAttributes(span, dialect, payloads);
    if (attributes) metadata["attributes"] = attributes;
    if (span.resource.attributes.size > 0) {
      metadata["resourceAttributes"] = cached(resources, span.resource, ({ attributes: all }) => boundedObject(all));
    }
    if (span.scope.name !== "") metadata["scope"] = cached(scopes, span.scope, scopeJson);
    const events = unusedEvents(span.events, payloads);
    if (events.length > 0) metadata["events"] = events.map(eventJson);
    if (span.links.length > 0) metadata["links"] = span.links.map(linkJson);
    const kind = KINDS[span.kind];
    if (kind !== undefined) metadata["kind"] = kind;
    if (span.traceState !== "") metadata["traceState"] = span.traceState;
    if (span.droppedAttributes > 0) metadata["dropped_attributes"] = span.droppedAttributes;
    if (span.droppedEvents > 0) metadata["dropped_events"] = span.droppedEvents;
    if (span.droppedLinks > 0) metadata["dropped_links"] = span.droppedLinks;
    for (const payload of payloads) setMembers(metadata, payload?.aside);
    for (const said of allKnown(dialect.observation.metadata, span)) setMembers(metadata, said);
    return metadata;
  };
}

/** By number; UNSPECIFIED and INTERNAL say nothing. */
const KINDS = [undefined, undefined, "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];

function unmappedAttributes(
  span: OtlpSpan,
  dialect: Dialect,
  payloads: ReadonlyArray<Payload | undefined>,
): JsonObject | undefined {
  const used = new Set<string>();
  for (const payload of payloads) for (const key of payload?.attributes ?? []) used.add(key);
  const kept: Record<string, JsonValue> = {};
  let isEmpty = true;
  span.attributes.forEach((value, key) => {
    if (used.has(key) || isMapped(key, span, dialect)) return;
    setMember(kept, key, value);
    isEmpty = false;
  });
  return isEmpty ? undefined : kept;
}

/** In a loop, as this is asked of every attribute. */
function isMapped(attribute: string, span: OtlpSpan, dialect: Dialect): boolean {
  for (const isMappedByOne of dialect.isMapped) if (isMappedByOne(attribute, span)) return true;
  return false;
}

function unusedEvents(
  events: readonly OtlpEvent[],
  payloads: ReadonlyArray<Payload | undefined>,
): readonly OtlpEvent[] {
  if (events.length === 0) return events;
  const used = new Set(payloads.flatMap((payload) => payload?.events ?? []));
  return used.size === 0 ? events : events.filter((event) => !used.has(event));
}

function scopeJson({ name, version, attributes }: OtlpScope): JsonObject {
  return {
    name: cutName(name),
    ...(version === "" ? {} : { version: cutName(version) }),
    ...(attributes.size === 0 ? {} : { attributes: boundedObject(attributes) }),
  };
}

/** Leaves out what no longer fits, and tells how many that were. */
function boundedObject(attributes: Attributes): JsonObject {
  const kept: Record<string, JsonValue> = {};
  let room = MAX_SHARED_LENGTH;
  let dropped = 0;
  for (const [key, value] of attributes) {
    const length = key.length + JSON.stringify(value).length;
    if (length > room) dropped += 1;
    else {
      room -= length;
      setMember(kept, key, value);
    }
  }
  return dropped === 0 ? kept : { ...kept, dropped_attributes: dropped };
}

function eventJson({ name, timeUs, attributes }: OtlpEvent): JsonObject {
  return {
    name,
    ...(timeUs === 0 ? {} : { time: isoFromUs(timeUs) }),
    ...(attributes.size === 0 ? {} : { attributes: objectOf(attributes) }),
  };
}

function linkJson({ traceId, spanId, attributes }: OtlpLink): JsonObject {
  return { traceId, spanId, ...(attributes.size === 0 ? {} : { attributes: objectOf(attributes) }) };
}

function cached<K, V>(cache: Map<K, V>, key: K, make: (key: K) => V): V {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make(key);
  cache.set(key, made);
  return made;
}
