import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { unlessAborted } from "./unless-aborted.ts";

test("settles as the promise does, and keeps nothing of it", async () => {
  const { signal } = new AbortController();
  expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1);
  await expect(unlessAborted(Promise.reject(new Error("refused")), signal)).rejects.toThrow("refused");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("gives up a promise that never settles, also when it is too late already", async () => {
  const stopping = new AbortController();
  const never = new Promise<void>(() => {});
  const waiting = unlessAborted(never, stopping.signal);
  stopping.abort();
  await expect(waiting).rejects.toThrow("stopped before");
  await expect(unlessAborted(never, stopping.signal)).rejects.toThrow("stopped before");
});
