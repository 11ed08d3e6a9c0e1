import type { RedisClient } from "./connect-redis.ts";

/*
 * How many events the queue ever took, counted where it takes them: in the same atomic step, so that no
 * crash of anybody comes between a job and its count.
 */

/** Behind `<prefix>:<queue>:`. A hash: `events`, and `since`, which names the count (see queue-ledger.ts). */
export const ACCEPTED_KEY = "accepted";

/** BullMQ's script that adds a job, less its version. */
export const ADD_SCRIPT = "addStandardJob:";

/**
 * In front of BullMQ's own script. ARGV[1] holds the queue's key prefix and the job's id, which ends with
 * the number of its events. It costs Redis one command more a job; a transaction of two costs the
 * gateway 90 µs, because the client then copies the job.
 */
const COUNT = `
do
  local added = cmsgpack.unpack(ARGV[1])
  local events = string.match(added[2], "%-(%d+)$")
  if events then redis.call("HINCRBY", added[1] .. "${ACCEPTED_KEY}", "events", events) end
end
`;

/** Makes the connection count what is added through it. To be called before a queue is opened on it. */
export function countAccepted(connection: RedisClient): void {
  const define = connection.defineCommand.bind(connection);
  connection.defineCommand = (name, definition) => {
    define(name, name.startsWith(ADD_SCRIPT) ? { ...definition, lua: COUNT + definition.lua } : definition);
  };
}
