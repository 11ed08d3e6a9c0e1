import { LIMITS, noEvents, type CanonicalEvents } from "@xtrace/contract";

/**
 * Cuts events into chunks that each fit a queue job. Nearly all requests fit whole, and then nothing is measured.
 *
 * `approximateBytes` is the request's size after decompression, which the events' JSON comes close to.
 * An event that is larger than a job by itself gets a job of its own.
 */
export function splitEvents(events: CanonicalEvents, approximateBytes: number): CanonicalEvents[] {
  const kinds = Object.entries(events) as Array<[keyof CanonicalEvents, readonly unknown[]]>;
  const count = kinds.reduce((sum, [, list]) => sum + list.length, 0);
  if (count === 0) return [];
  if (count <= LIMITS.maxJobEvents && approximateBytes <= LIMITS.maxJobBytes) return [events];

  const chunks: CanonicalEvents[] = [];
  let chunk: Record<keyof CanonicalEvents, unknown[]> = noEvents();
  let chunkBytes = 0;
  let chunkEvents = 0;
  for (const [kind, list] of kinds) {
    for (const event of list) {
      const bytes = JSON.stringify(event).length;
      const isFull = chunkEvents >= LIMITS.maxJobEvents || chunkBytes + bytes > LIMITS.maxJobBytes;
      if (isFull && chunkEvents > 0) {
        chunks.push(chunk as CanonicalEvents);
        chunk = noEvents();
        chunkBytes = 0;
        chunkEvents = 0;
      }
      chunk[kind].push(event);
      chunkBytes += bytes;
      chunkEvents += 1;
    }
  }
  chunks.push(chunk as CanonicalEvents);
  return chunks;
}
