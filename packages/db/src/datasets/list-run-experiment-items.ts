import { and, desc, eq, gte, inArray, lt, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { filterConditions } from "../filter/filter-conditions.ts";
import { datasetItems, datasetRunItems, datasetRuns } from "../schema/datasets.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { EXPERIMENT_ITEM_FILTER_COLUMNS } from "./experiment-filter-columns.ts";
import type { ExperimentItemFilter, ExperimentItemRow, ExperimentPage } from "./experiment.ts";

/** What came of items in runs of datasets, newest first, with what there is of the traces. `ids` and `names` are the runs'. */
export async function listRunExperimentItems(
  db: Database,
  options: ExperimentPage & { readonly filter: ExperimentItemFilter },
): Promise<ExperimentItemRow[]> {
  const { before, limit } = options;
  const { projectId, ids, names, datasetIds, itemIds, fromUs, toUs } = options.filter;
  const { id, createdAt, runId, itemId, traceId, observationId } = datasetRunItems;
  return await db
    .select({
      id,
      createdAt,
      traceId,
      observationId,
      run: { id: runId, name: datasetRuns.name, description: datasetRuns.description, metadata: datasetRuns.metadata },
      item: {
        id: itemId,
        datasetId: datasetItems.datasetId,
        input: datasetItems.input,
        expectedOutput: datasetItems.expectedOutput,
        metadata: datasetItems.metadata,
        updatedAt: datasetItems.updatedAt,
      },
      // Its first column tells whether there is one.
      observation: {
        startTime: observations.startTime,
        endTime: observations.endTime,
        level: observations.level,
        environment: observations.environment,
        input: observations.input,
        output: observations.output,
        metadata: observations.metadata,
      },
      trace: {
        timestamp: traces.timestamp,
        endTime: traces.lastEndTime,
        environment: traces.environment,
        input: traces.input,
        output: traces.output,
        metadata: traces.metadata,
      },
    })
    .from(datasetRunItems)
    .innerJoin(datasetRuns, and(eq(datasetRuns.projectId, projectId), eq(datasetRuns.id, runId)))
    .innerJoin(datasetItems, and(eq(datasetItems.projectId, projectId), eq(datasetItems.id, itemId)))
    .leftJoin(
      observations,
      and(eq(observations.projectId, projectId), eq(observations.id, observationId), eq(observations.traceId, traceId)),
    )
    .leftJoin(traces, and(eq(traces.projectId, projectId), eq(traces.id, traceId)))
    .where(
      and(
        eq(datasetRunItems.projectId, projectId),
        ids && inArray(runId, [...ids]),
        names && inArray(datasetRuns.name, [...names]),
        datasetIds && inArray(datasetRuns.datasetId, [...datasetIds]),
        itemIds && inArray(itemId, [...itemIds]),
        fromUs === undefined ? undefined : gte(createdAt, fromUs),
        toUs === undefined ? undefined : lt(createdAt, toUs),
        filterConditions(EXPERIMENT_ITEM_FILTER_COLUMNS, options.filter.conditions ?? []),
        before && sql`(${createdAt}, ${id}) < (${sql.param(before.timestampUs, createdAt)}, ${before.id})`,
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(limit);
}
