import { expect, test } from "vitest";
import { countBound, readPage, type PageRange } from "./read-page.ts";

test("counts further for one filter than for two that have to meet", () => {
  expect(countBound({ name: "a", tags: [], userId: undefined })).toBe(10_000);
  expect(countBound({ name: "a", tags: ["b"] })).toBe(1_000);
  const costs = { fetched: ["tags"], sought: ["type"] };
  expect(countBound({ name: "a", tags: [], type: undefined }, costs)).toBe(10_000);
  expect(countBound({ tags: ["b"] }, costs)).toBe(5_000);
  expect(countBound({ type: "SPAN" }, costs)).toBe(1_000);
});

test("tells that a total is a lower bound, and reaches into the next page with it", async () => {
  const read = async (page: number, exact: boolean) => {
    const asked: PageRange[] = [];
    const { rows, meta } = await readPage({
      page,
      limit: 2,
      isFiltered: true,
      count: async () => ({ count: 3, exact }),
      list: async (range) => {
        asked.push(range);
        return [1, 2, 3].slice(0, range.limit);
      },
    });
    return { rows, meta, asked };
  };

  const bounded = await read(4, false);
  expect(bounded.rows).toEqual([1, 2]);
  expect(bounded.meta).toEqual({ page: 4, limit: 2, totalItems: 9, totalPages: 5, totalItemsExact: false });
  expect(bounded.asked).toEqual([{ limit: 3, offset: 6, selective: false }]);

  const beyond = await read(4, true);
  expect(beyond).toMatchObject({ rows: [], meta: { totalItems: 3, totalItemsExact: true }, asked: [] });
  expect((await read(1, true)).asked).toEqual([{ limit: 3, offset: 0, selective: true }]);
});
