/*
 * Loaded by `--import` into a process that runs TypeScript from the sources, and so into each of its threads, where tsx's own entry does nothing.
 */
import { isMainThread } from "node:worker_threads";

// @ts-expect-error -- its entry has no types
if (isMainThread) await import("tsx");
else (await import("tsx/esm/api")).register();
