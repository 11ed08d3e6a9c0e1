import type { Database } from "../client.ts";
import { skipHours } from "../counts/hourly-counts.ts";
import { traceConditionOf, type AskTraces, type ObservationFilter } from "./observation-filter.ts";

/** Walked past in 0.1 s. Where one in a thousand matches, that fills a page. */
const STRETCH = 30_000;

/**
 * A page of observations of certain traces, of which there are many: looked for among the newest 30,000 observations,
 * each asking for its trace, and only when they do not fill it among all, as PostgreSQL thinks best. It would
 * join all that match and sort them, as it cannot know that they are spread over time.
 *
 * A stretch holds all that is newer than its beginning, so a page that it fills is the page.
 */
export async function nearestFirst<Row>(
  db: Database,
  query: {
    readonly projectId: string;
    readonly filter: ObservationFilter;
    readonly limit: number;
    readonly list: (filter: ObservationFilter, ask: AskTraces) => Promise<Row[]>;
  },
): Promise<Row[]> {
  const { projectId, filter, limit, list } = query;
  if (!traceConditionOf(projectId, filter)) return await list(filter, "join");
  const range = { fromUs: filter.fromUs, toUs: filter.toUs };
  const behind = await skipHours(db, { projectId, of: "observations", range, direction: "desc", offset: STRETCH });
  const stretch = behind ? { ...filter, fromUs: behind.range.toUs } : filter;
  const rows = await list(stretch, "look-up");
  return rows.length === limit || !behind ? rows : await list(filter, "join");
}
