import { expect, test } from "vitest";
import { boundedPageMeta } from "./bounded-page.ts";

test("is exact when the count is", () => {
  const meta = boundedPageMeta({ page: 1, limit: 2, total: { count: 3, exact: true }, itemCount: 2, hasNext: true });
  expect(meta).toEqual({ page: 1, limit: 2, totalItems: 3, totalPages: 2, totalItemsExact: true });
});

test("leads a client that reads until totalPages to the last row", () => {
  const rows = 25;
  const total = { count: 10, exact: false };
  let read = 0;
  let totalPages = 1;
  for (let page = 1; page <= totalPages; page += 1) {
    const itemCount = Math.min(2, rows - read);
    read += itemCount;
    const meta = boundedPageMeta({ page, limit: 2, total, itemCount, hasNext: read < rows });
    expect(meta.totalItems).toBeGreaterThanOrEqual(10);
    totalPages = meta.totalPages;
  }
  expect(read).toBe(rows);
});

test("claims no more than was counted on a page beyond the end", () => {
  const meta = boundedPageMeta({
    page: 99,
    limit: 2,
    total: { count: 10, exact: false },
    itemCount: 0,
    hasNext: false,
  });
  expect(meta).toMatchObject({ totalItems: 10, totalPages: 5, totalItemsExact: false });
});
