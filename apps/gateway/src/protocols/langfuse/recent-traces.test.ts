import { expect, test } from "vitest";
import { createRecentTraces } from "./recent-traces.ts";

const observation = (id: string, traceId: string | null) => ({ id, traceId, stamp: 1 });

test("places an update where an earlier write of the same project said", () => {
  const recent = createRecentTraces();
  expect(recent.place("p", observation("o", null)).traceId).toBeNull();
  expect(recent.place("p", observation("o", "t1")).traceId).toBe("t1");
  expect(recent.place("p", observation("o", null))).toEqual(observation("o", "t1"));
  expect(recent.place("q", observation("o", null)).traceId).toBeNull();
  expect(recent.place("p", observation("o", "t2")).traceId).toBe("t2");
  expect(recent.place("p", observation("o", null)).traceId).toBe("t2");
});

test("forgets the one that was longest not written", () => {
  const recent = createRecentTraces(2);
  for (const id of ["a", "b"]) recent.place("p", observation(id, "t"));
  recent.place("p", observation("a", null));
  recent.place("p", observation("c", "t"));
  expect(["a", "b", "c"].map((id) => recent.place("p", observation(id, null)).traceId)).toEqual(["t", null, "t"]);
});
