import { arrayContains } from "drizzle-orm";
import type { Database } from "../client.ts";
import { countUpTo, ONE } from "../count-up-to.ts";
import { countInRange } from "../counts/hourly-counts.ts";
import { lookAtNewest } from "../look-at-newest.ts";
import { traces } from "../schema/traces.ts";
import { traceConditions, type TraceFilter } from "./trace-filter.ts";

/** Looked at in 10 ms, wherever they are. */
const FEW_TRACES = 8_000;
/** To look at a trace costs as much as to read so many from the index of tags. */
const TAGGED_PER_TRACE = 5;
/** Tells how common the tags are. */
const SAMPLE = 500;

/**
 * The same filter, with the tags of each trace looked at, if the one other facet that it asks for has few traces and the
 * tags have many.
 *
 * PostgreSQL would rather compare them with all traces that have the tags: 300,000, twice, to find some among a user's 6,000.
 */
export async function withTagsOfFew(db: Database, projectId: string, filter: TraceFilter): Promise<TraceFilter> {
  const { tags = [], ...others } = filter;
  if (tags.length === 0 || !asksForOneFacet(others)) return filter;
  const along = traceConditions(projectId, others);
  const condition = arrayContains(traces.tags, [...tags]);
  const [seen, total] = await Promise.all([
    lookAtNewest(db, { table: traces, time: traces.timestamp, along, condition }, SAMPLE),
    countInRange(db, { projectId, of: "traces", range: {} }),
  ]);
  const few = Math.min(((seen.matches / SAMPLE) * total) / TAGGED_PER_TRACE, FEW_TRACES);
  const areFew =
    seen.rows < SAMPLE ||
    (few > SAMPLE && (await countUpTo(db, db.select(ONE).from(traces).where(along).$dynamic(), Math.floor(few))).exact);
  return areFew ? { ...filter, tagsByTrace: true } : filter;
}

/** An index holds one facet and the time; of two facets it would have to look at rows. */
function asksForOneFacet(filter: Omit<TraceFilter, "tags">): boolean {
  const { environments = [], conditions = [], fromUs: _, toUs: __, ...facets } = filter;
  const asked = Object.values(facets).filter((value) => value !== undefined).length;
  return conditions.length === 0 && asked + (environments.length === 0 ? 0 : 1) === 1;
}
