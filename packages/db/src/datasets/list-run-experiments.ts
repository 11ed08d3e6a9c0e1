import { and, desc, eq, gte, inArray, lt, max, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { filterConditions } from "../filter/filter-conditions.ts";
import { datasetRunItems, datasetRuns } from "../schema/datasets.ts";
import { traces } from "../schema/traces.ts";
import { EXPERIMENT_FILTER_COLUMNS } from "./experiment-filter-columns.ts";
import type { ExperimentFilter, ExperimentPage, ExperimentRow } from "./experiment.ts";

/** Runs of datasets, newest first, by a backward scan of `dataset_runs_project_created_idx`. */
export async function listRunExperiments(
  db: Database,
  options: ExperimentPage & { readonly filter: ExperimentFilter },
): Promise<ExperimentRow[]> {
  const { before, limit } = options;
  const { projectId, ids, names, datasetIds, fromUs, toUs } = options.filter;
  const { id, name, description, metadata, datasetId, createdAt } = datasetRuns;
  const items = db.$count(
    datasetRunItems,
    and(eq(datasetRunItems.projectId, datasetRuns.projectId), eq(datasetRunItems.runId, id)),
  );
  const ended = db
    .select({ at: max(traces.lastEndTime) })
    .from(datasetRunItems)
    .innerJoin(traces, and(eq(traces.projectId, datasetRunItems.projectId), eq(traces.id, datasetRunItems.traceId)))
    .where(and(eq(datasetRunItems.projectId, datasetRuns.projectId), eq(datasetRunItems.runId, id)));
  return await db
    .select({
      id,
      name,
      description,
      metadata,
      datasetId,
      createdAt,
      itemCount: items,
      endedAt: sql<number | null>`(${ended})`.mapWith(traces.lastEndTime),
    })
    .from(datasetRuns)
    .where(
      and(
        eq(datasetRuns.projectId, projectId),
        ids && inArray(id, [...ids]),
        names && inArray(name, [...names]),
        datasetIds && inArray(datasetId, [...datasetIds]),
        fromUs === undefined ? undefined : gte(createdAt, fromUs),
        toUs === undefined ? undefined : lt(createdAt, toUs),
        filterConditions(EXPERIMENT_FILTER_COLUMNS, options.filter.conditions ?? []),
        before && sql`(${createdAt}, ${id}) < (${sql.param(before.timestampUs, createdAt)}, ${before.id})`,
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(limit);
}
