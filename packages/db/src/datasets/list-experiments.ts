import { and, desc, eq, getTableColumns, gte, inArray, lt, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasetRunItems, datasetRuns } from "../schema/datasets.ts";

/** Runs of a project, of any dataset. Lists match any of their entries; times in Unix epoch microseconds. */
export type ExperimentFilter = {
  readonly projectId: string;
  readonly ids?: readonly string[] | undefined;
  readonly names?: readonly string[] | undefined;
  readonly datasetIds?: readonly string[] | undefined;
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
};

/** The place of a run, or of what came of an item, in a list by time. */
export type ExperimentPosition = { readonly timestampUs: number; readonly id: string };

export type ExperimentRow = typeof datasetRuns.$inferSelect & { readonly itemCount: number };

/** Newest first, by a backward scan of `dataset_runs_project_created_idx`. */
export async function listExperiments(
  db: Database,
  options: {
    readonly filter: ExperimentFilter;
    readonly before?: ExperimentPosition | undefined;
    readonly limit: number;
  },
): Promise<ExperimentRow[]> {
  const { before, limit } = options;
  const { projectId, ids, names, datasetIds, fromUs, toUs } = options.filter;
  const { id, createdAt } = datasetRuns;
  const items = db.$count(
    datasetRunItems,
    and(eq(datasetRunItems.projectId, datasetRuns.projectId), eq(datasetRunItems.runId, id)),
  );
  return await db
    .select({ ...getTableColumns(datasetRuns), itemCount: items })
    .from(datasetRuns)
    .where(
      and(
        eq(datasetRuns.projectId, projectId),
        ids && inArray(id, [...ids]),
        names && inArray(datasetRuns.name, [...names]),
        datasetIds && inArray(datasetRuns.datasetId, [...datasetIds]),
        fromUs === undefined ? undefined : gte(createdAt, fromUs),
        toUs === undefined ? undefined : lt(createdAt, toUs),
        before && sql`(${createdAt}, ${id}) < (${sql.param(before.timestampUs, createdAt)}, ${before.id})`,
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(limit);
}
