import { ADD_SCRIPT } from "./count-accepted.ts";
import type { RedisClient } from "./connect-redis.ts";

/*
 * Payloads as bytes instead of texts. Next to a buffer, which BullMQ's other arguments are, ioredis pastes a text
 * between its length and a line's end, measures that twice and writes it: two more copies of each payload on the heap.
 */

/** A shorter text costs less than a buffer of its own. */
const LARGE_LENGTH = 1_024;

type Commands = Record<string, (args: readonly unknown[]) => unknown>;

/** Makes the connection hand on payloads that are added through it as bytes. To be called before a queue is opened on it. */
export function sendPayloadsAsBytes(connection: RedisClient): void {
  const define = connection.defineCommand.bind(connection);
  connection.defineCommand = (name, definition) => {
    define(name, definition);
    if (!name.startsWith(ADD_SCRIPT)) return;
    const commands = connection as unknown as Commands;
    const run = commands[name]?.bind(connection);
    if (run) commands[name] = (args) => run(args.map(asBytes));
  };
}

function asBytes(arg: unknown): unknown {
  return typeof arg === "string" && arg.length >= LARGE_LENGTH ? Buffer.from(arg) : arg;
}
