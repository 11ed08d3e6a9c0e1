import type { IngestJob } from "@xtrace/contract";

/**
 * The queue may be in several parts, so that several servers of a Redis Cluster share its work. A shard is a whole queue under
 * a prefix of its own, which is a hash tag of its own: all its keys are in one slot, and so on one server.
 *
 * The first has the prefix as it is set, so that one shard is the queue as it was before there were shards. With the
 * default prefix three masters share three shards evenly; of more shards each master has at least one.
 */
export function shardPrefix(prefix: string, index: number): string {
  return index === 0 ? prefix : `{${prefix.replace(/[{}]/g, "")}-shard-${index}}`;
}

/**
 * The shard of a job: by its project and its first trace, so that what is written of a trace by one request after the other
 * stays in order, and waits or goes on as a whole when one server is away. A request of several traces is not
 * taken apart, since a job costs more than a trace that is in two shards: writes are blind to order.
 */
export function shardOf({ projectId, receivedAtUs, events }: IngestJob, shards: number): number {
  if (shards === 1) return 0;
  const traceId = events.traces[0]?.id ?? events.observations[0]?.traceId ?? events.scores[0]?.traceId;
  return hash(`${projectId} ${traceId ?? receivedAtUs}`) % shards;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
