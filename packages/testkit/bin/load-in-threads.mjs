/*
 * Loaded by `--import` behind tsx's own entry, which does nothing in a thread: there it is registered by its API.
 */
import { isMainThread } from "node:worker_threads";
import { register } from "tsx/esm/api";

if (!isMainThread) register();
