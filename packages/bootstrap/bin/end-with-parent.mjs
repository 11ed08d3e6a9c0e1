import { isMainThread } from "node:worker_threads";

/*
 * Loaded before a program that is to end with the process that started it, even if that one was
 * killed: the channel between them closes, and the program gets the signal that it finishes by.
 */
if (isMainThread && process.channel) {
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  // The listener shall not keep the program alive.
  process.channel.unref();
}
