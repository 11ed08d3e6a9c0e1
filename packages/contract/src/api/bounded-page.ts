import { z } from "zod";
import { pageMeta, PageMeta } from "./page.ts";

/**
 * Page meta of a list whose rows are counted up to a bound.
 *
 * Beyond it `totalItems` is a lower bound and `totalItemsExact` false. While there is a next page,
 * `totalItems` reaches into it, so a client that reads until `totalPages` reads everything.
 */
export const BoundedPageMeta = PageMeta.extend({
  totalItemsExact: z
    .boolean()
    .describe("False when there are more items than are counted; `totalItems` is then a lower bound."),
});
export type BoundedPageMeta = z.infer<typeof BoundedPageMeta>;

/** How many rows match; `exact` is false when counting stopped at its bound. */
export type RowCount = { readonly count: number; readonly exact: boolean };

export function boundedPageMeta(options: {
  readonly page: number;
  readonly limit: number;
  readonly total: RowCount;
  /** On this page. */
  readonly itemCount: number;
  readonly hasNext: boolean;
}): BoundedPageMeta {
  const { page, limit, total, itemCount, hasNext } = options;
  const seen = (page - 1) * limit + itemCount + (hasNext ? 1 : 0);
  const totalItems = total.exact || itemCount === 0 ? total.count : Math.max(total.count, seen);
  return { ...pageMeta({ page, limit, totalItems }), totalItemsExact: total.exact };
}

export function boundedPaged<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), meta: BoundedPageMeta });
}
