import { boundedPageMeta, type BoundedPageMeta, type RowCount } from "@xtrace/contract";

/** Rows fewer than this are fetched all and sorted, rather than looked for along an index in their order. */
const FEW = 5_000;

/** What counting costs where a filter is the only one; of all others an index holds the matches and nothing else. */
export type CountCosts = {
  /** An index finds matches, whose rows have to be fetched. */
  readonly fetched?: readonly string[];
  /** No index finds them, or only by way of other rows. */
  readonly sought?: readonly string[];
};

/**
 * Up to where a list's matches are counted; see BoundedPageMeta. Where two filters have to meet, most of what either
 * finds may have to be looked at.
 */
export function countBound(filter: object, { fetched = [], sought = [] }: CountCosts = {}): number {
  const set = Object.entries(filter).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  const isSet = (names: readonly string[]) => set.some(([name]) => names.includes(name));
  if (set.length > 1 || isSet(sought)) return 1_000;
  return isSet(fetched) ? FEW : 10_000;
}

export type PageRange = {
  readonly limit: number;
  readonly offset: number;
  /** Whether few rows match. See `listTraces`. */
  readonly selective: boolean;
};

/**
 * One page of a counted list.
 *
 * The count comes first, because PostgreSQL cannot know how rare the matches of a filter are: it
 * would walk through 800,000 rows in order to look for 50 that are not there (1.3 s, where an
 * index on the filter finds out in less than a millisecond).
 */
export async function readPage<Row>(options: {
  readonly page: number;
  readonly limit: number;
  readonly isFiltered: boolean;
  readonly count: () => Promise<RowCount>;
  readonly list: (range: PageRange) => Promise<Row[]>;
}): Promise<{ readonly rows: Row[]; readonly meta: BoundedPageMeta }> {
  const { page, limit, isFiltered, count, list } = options;
  const offset = (page - 1) * limit;
  // One more than shown tells whether there is a next page.
  const range = { limit: limit + 1, offset };

  const total = await count();
  const isBeyond = total.exact && total.count <= offset;
  const found = isBeyond ? [] : await list({ ...range, selective: isFiltered && total.exact && total.count <= FEW });

  const rows = found.slice(0, limit);
  const hasNext = found.length > limit;
  return { rows, meta: boundedPageMeta({ page, limit, total, itemCount: rows.length, hasNext }) };
}
