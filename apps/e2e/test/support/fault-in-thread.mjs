import { BroadcastChannel, isMainThread } from "node:worker_threads";

/*
 * Loaded into a process by NODE_OPTIONS, as `fault-in-thread.mjs?blockMs=…`: SIGUSR2 blocks its other threads for so long, or
 * without a time has them throw what nobody catches.
 */

const blockMs = new URL(import.meta.url).searchParams.get("blockMs");
const faults = new BroadcastChannel("fault-in-thread");
faults.unref();

if (isMainThread) process.on("SIGUSR2", () => faults.postMessage(null));
else faults.addEventListener("message", fail);

function fail() {
  if (blockMs === null) throw new Error("planted");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(blockMs));
}
