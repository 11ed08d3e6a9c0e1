import { countEvents, LIMITS, noEvents, type CanonicalEvents } from "@xtrace/contract";
import { expect, test } from "vitest";
import { splitEvents } from "./split-events.ts";

function events(count: number, input = ""): CanonicalEvents {
  const observations = Array.from({ length: count }, (_, index) => ({
    id: `o${index}`,
    traceId: "t",
    stamp: 1,
    input,
  }));
  return { ...noEvents(), traces: [{ id: "t", stamp: 1 }], observations };
}

test("leaves an ordinary request whole, as the very same object", () => {
  const request = events(10);
  expect(splitEvents(request, 20_000)).toEqual([request]);
  expect(splitEvents(request, 20_000)[0]).toBe(request);
});

test("makes no job of nothing", () => {
  expect(splitEvents(noEvents(), 2)).toEqual([]);
});

test("cuts many events into jobs that each fit, keeping all and their order", () => {
  const chunks = splitEvents(events(1_000), 100_000);
  expect(chunks.every((chunk) => countEvents(chunk) <= LIMITS.maxJobEvents)).toBe(true);
  expect(chunks.flatMap((chunk) => chunk.observations)).toEqual(events(1_000).observations);
  expect(chunks.flatMap((chunk) => chunk.traces)).toHaveLength(1);
});

test("cuts a heavy request by weight, and gives an oversized event a job of its own", () => {
  const heavy = events(4, "x".repeat(LIMITS.maxJobBytes / 2));
  const huge = { id: "huge", traceId: "t", stamp: 1, input: "x".repeat(2 * LIMITS.maxJobBytes) };
  const chunks = splitEvents({ ...heavy, observations: [...heavy.observations, huge] }, 5 * LIMITS.maxJobBytes);
  expect(chunks.map((chunk) => chunk.observations.map(({ id }) => id))).toEqual([
    ["o0"],
    ["o1"],
    ["o2"],
    ["o3"],
    ["huge"],
  ]);
});
