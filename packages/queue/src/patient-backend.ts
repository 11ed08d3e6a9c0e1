import type { IQueueBackend } from "bullmq";
import type { BackOff } from "./back-off.ts";

/** What a worker asks for over and over: to be given a job, and to be rid of one. Waiting for a job to come blocks by itself. */
const PATIENT = ["moveToActive", "moveToCompleted", "moveToFailed", "moveToDelayed", "retryJob"] as const;

/**
 * Makes a worker's backend wait for a server that refuses, such as a Redis that is full, loads its data or became
 * a replica. BullMQ asks again at once: a full Redis was asked 6,000 times a second, and jobs that were stored were
 * given up instead of completed.
 *
 * It goes into the backend because the worker's own loop has no other seam.
 */
export function makePatient<B extends IQueueBackend>(backend: B, backOff: BackOff): B {
  for (const name of PATIENT) {
    const operation = (backend[name] as (...args: unknown[]) => Promise<unknown>).bind(backend);
    Object.assign(backend, { [name]: (...args: unknown[]) => backOff.run(() => operation(...args)) });
  }
  return backend;
}

/**
 * Whether an error is the server's, not the job's: BullMQ's scripts report a lost lock or a missing job by a
 * negative number, and its SQL by the code BM001.
 */
export function isServerRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = "code" in error ? error.code : undefined;
  return typeof code !== "number" && code !== "BM001" && !isClosed(error);
}

/** The connection was closed on purpose, so nothing will work on it again. */
function isClosed(error: Error): boolean {
  return error.message.startsWith("Connection is closed");
}
