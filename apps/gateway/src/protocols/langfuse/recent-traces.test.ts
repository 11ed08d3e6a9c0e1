import { expect, test } from "vitest";
import { createRecentTraces } from "./recent-traces.ts";

const observation = (id: string, traceId: string | null) => ({ id, traceId, stamp: 1 });

function setup(options: Partial<Parameters<typeof createRecentTraces>[0]> = {}) {
  const recent = createRecentTraces({ shared: null, onError: () => {}, ...options });
  return async (projectId: string, id: string, traceId: string | null) =>
    (await recent.place(projectId, observation(id, traceId))).traceId;
}

test("places an update where an earlier write of the same project said", async () => {
  const place = setup();
  expect(await place("p", "o", null)).toBeNull();
  expect(await place("p", "o", "t1")).toBe("t1");
  expect(await place("p", "o", null)).toBe("t1");
  expect(await place("q", "o", null)).toBeNull();
  expect(await place("p", "o", "t2")).toBe("t2");
  expect(await place("p", "o", null)).toBe("t2");
});

test("forgets the one that was longest not written", async () => {
  const place = setup({ maxRemembered: 2 });
  for (const id of ["a", "b"]) await place("p", id, "t");
  await place("p", "a", null);
  await place("p", "c", "t");
  const found = [];
  for (const id of ["a", "b", "c"]) found.push(await place("p", id, null));
  expect(found).toEqual(["t", null, "t"]);
});

test("asks the other gateways for what it does not know, once, and has told them when it answers", async () => {
  const told: string[] = [];
  const asked: string[] = [];
  const shared = {
    tell: async (...words: string[]) => void told.push(words.join(" ")),
    find: async (...words: string[]) => (asked.push(words.join(" ")), words[1] === "theirs" ? "t" : undefined),
  };
  const place = setup({ shared });
  expect(await place("p", "mine", "t1")).toBe("t1");
  expect(told).toEqual(["p mine t1"]);
  expect([await place("p", "mine", null), await place("p", "theirs", null)]).toEqual(["t1", "t"]);
  expect([await place("p", "theirs", null), await place("p", "nobody's", null)]).toEqual(["t", null]);
  expect(asked).toEqual(["p theirs", "p nobody's"]);
  expect(told).toHaveLength(1);
});

test("leaves it to the worker while the others cannot be asked", async () => {
  const errors: Error[] = [];
  const away = () => Promise.reject(new Error("away"));
  const place = setup({ shared: { tell: away, find: away }, onError: (error) => errors.push(error) });
  expect(await place("p", "o", null)).toBeNull();
  expect(await place("p", "o", "t")).toBe("t");
  expect(await place("p", "o", null)).toBe("t");
  expect(errors).toHaveLength(2);
});
