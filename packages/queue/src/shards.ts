/** A part of the queue that is a BullMQ queue of its own, all of whose keys are in one slot of a Redis Cluster. */
export type Shard = { readonly prefix: string; readonly name: string };

/**
 * The first shard has the prefix as it is set, so that one shard is the queue as it was before there were shards. The others
 * have a hash tag of their own: with the default prefix three masters share any three of them evenly, and four masters four or eight.
 */
export function shardAt(prefix: string, index: number): Shard {
  if (index === 0) return { prefix, name: "ingest-0" };
  const tag = prefix.replace(/[{}]/g, "");
  return { prefix: `{${tag}-shard-${index}}`, name: `ingest-${index}` };
}
