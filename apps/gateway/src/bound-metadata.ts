import { isJsonObject, LIMITS, type CanonicalEvents, type JsonObject } from "@xtrace/contract";

/**
 * Events whose metadata is cheap to merge: where one object has more than LIMITS.maxMetadataKeys keys, the
 * objects in it are kept as JSON text, word for word. The writer merges metadata key by key, and a
 * hundred thousand keys would hold up a whole batch for a second, at every later write to the row again.
 */
export function boundMetadata(events: CanonicalEvents): CanonicalEvents {
  return {
    traces: boundEach(events.traces),
    observations: boundEach(events.observations),
    scores: boundEach(events.scores),
    metrics: events.metrics,
  };
}

function boundEach<T extends { readonly metadata?: JsonObject | undefined }>(events: T[]): T[] {
  if (!events.some(({ metadata }) => metadata !== undefined && isTooLarge(metadata))) return events;
  return events.map((event) => (event.metadata ? { ...event, metadata: boundOne(event.metadata) } : event));
}

function boundOne(metadata: JsonObject): JsonObject {
  if (!isTooLarge(metadata)) return metadata;
  const entries = Object.entries(metadata);
  if (entries.length > LIMITS.maxMetadataKeys) return { metadata: JSON.stringify(metadata) };
  return Object.fromEntries(entries.map(([key, value]) => [key, isJsonObject(value) ? JSON.stringify(value) : value]));
}

function isTooLarge(metadata: JsonObject): boolean {
  return countKeys(metadata, 0) > LIMITS.maxMetadataKeys;
}

/** Counts no further than it has to. Arrays are merged as a whole, so what is in them does not count. Lists no keys: nearly all have few. */
function countKeys(object: JsonObject, before: number): number {
  let keys = before;
  for (const key in object) {
    keys += 1;
    const value = object[key];
    if (isJsonObject(value)) keys = countKeys(value, keys);
    if (keys > LIMITS.maxMetadataKeys) break;
  }
  return keys;
}
