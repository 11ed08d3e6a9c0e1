import { and, desc, eq, gte, inArray, isNotNull, lt, max, min, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../client.ts";
import { filterConditions } from "../filter/filter-conditions.ts";
import { datasetRunItems, datasetRuns } from "../schema/datasets.ts";
import { traces } from "../schema/traces.ts";
import { EXPERIMENT_FILTER_COLUMNS } from "./experiment-filter-columns.ts";
import type { ExperimentFilter, ExperimentPage, ExperimentRow } from "./experiment.ts";

/**
 * Runs of datasets by their last item in the range, newest first. A run's own making counts as an item does. The last item
 * of each run is one look into `dataset_run_items_project_run_idx`; the others are read for the runs of the page only.
 */
export async function listRunExperiments(
  db: Database,
  options: ExperimentPage & { readonly filter: ExperimentFilter },
): Promise<ExperimentRow[]> {
  const { before, limit } = options;
  const { projectId, ids, names, datasetIds, fromUs, toUs } = options.filter;
  const { id, name, description, metadata, datasetId, createdAt } = datasetRuns;
  const inRange = (time: PgColumn) =>
    and(fromUs === undefined ? undefined : gte(time, fromUs), toUs === undefined ? undefined : lt(time, toUs));
  const ofRun = and(
    eq(datasetRunItems.projectId, projectId),
    eq(datasetRunItems.runId, id),
    inRange(datasetRunItems.createdAt),
  );
  const made = sql`case when ${inRange(createdAt) ?? sql`true`} then ${createdAt} end`;
  const first = db
    .select({ at: min(datasetRunItems.createdAt) })
    .from(datasetRunItems)
    .where(ofRun);
  // Beside each run, so that it is looked for once, however often it is named.
  const last = db
    .select({ at: max(datasetRunItems.createdAt).as("at") })
    .from(datasetRunItems)
    .where(ofRun)
    .as("last");
  const activeAt = sql<number>`greatest(${last.at}, ${made})`.mapWith(createdAt);
  const ended = db
    .select({ at: max(traces.lastEndTime) })
    .from(datasetRunItems)
    .innerJoin(traces, and(eq(traces.projectId, datasetRunItems.projectId), eq(traces.id, datasetRunItems.traceId)))
    .where(ofRun);
  return await db
    .select({
      id,
      name,
      description,
      metadata,
      datasetId,
      startedAt: sql<number>`least((${first}), ${made})`.mapWith(createdAt),
      activeAt,
      itemCount: db.$count(datasetRunItems, ofRun),
      endedAt: sql<number | null>`(${ended})`.mapWith(traces.lastEndTime),
    })
    .from(datasetRuns)
    .crossJoinLateral(last)
    .where(
      and(
        eq(datasetRuns.projectId, projectId),
        ids && inArray(id, [...ids]),
        names && inArray(name, [...names]),
        datasetIds && inArray(datasetId, [...datasetIds]),
        filterConditions(EXPERIMENT_FILTER_COLUMNS, options.filter.conditions ?? []),
        isNotNull(activeAt),
        before && sql`(${activeAt}, ${id}) < (${sql.param(before.timestampUs, createdAt)}, ${before.id})`,
      ),
    )
    .orderBy(desc(activeAt), desc(id))
    .limit(limit);
}
