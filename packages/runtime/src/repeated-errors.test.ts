import { Writable } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLogger } from "./logger.ts";
import { logRepeatedErrors } from "./repeated-errors.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("logs a swarm of one error once in ten seconds, with its size, and others at once", () => {
  const lines: Array<{ err: { message: string }; suppressed?: number }> = [];
  const destination = new Writable({ write: (chunk, _, done) => (lines.push(JSON.parse(String(chunk))), done()) });
  const onError = logRepeatedErrors(createLogger({ name: "test", level: "info", destination }), "queue error");
  for (let index = 0; index < 50; index++) onError(new Error("refused"));
  onError(new Error("other"));
  vi.advanceTimersByTime(10_000);
  onError(new Error("refused"));
  expect(lines.map(({ err, suppressed }) => [err.message, suppressed])).toEqual([
    ["refused", undefined],
    ["other", undefined],
    ["refused", 49],
  ]);
});
