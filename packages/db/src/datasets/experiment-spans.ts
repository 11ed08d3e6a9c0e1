import { and, inArray, isNotNull, notExists, sql, type SQL } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/pg-core";
import { datasetRuns, deletedDatasetRuns } from "../schema/datasets.ts";
import { EXPERIMENT_ID_OF_SPAN, IS_EXPERIMENT_ITEM, observations } from "../schema/observations.ts";
import type { ExperimentItemFilter } from "./experiment.ts";

/*
 * An experiment that only spans tell of: Langfuse's clients put `langfuse.experiment.*` on the spans of an item's run, also
 * where the data is no dataset. The span that ran the item says that it is the item's root. Other parts of an item have
 * the same attributes, but are not it.
 */

/** An attribute of the span, `langfuse.experiment.` before its name, for a condition; null where it is absent. */
export function experimentAttribute(name: string): SQL<string | null> {
  return sql<string | null>`${observations.metadata} #>> ${`{attributes,langfuse.experiment.${name}}`}::text[]`;
}

/**
 * Holds for the spans that ran an item of an experiment that the filter asks for, but for runs of datasets, which tell
 * of themselves, and for those that were deleted. Read by `observations_project_experiment_idx` or, in the order of time, `observations_project_experiment_time_idx`.
 */
export function experimentSpanConditions(filter: Omit<ExperimentItemFilter, "fromUs" | "toUs">): SQL | undefined {
  const { projectId, ids, names, datasetIds, itemIds } = filter;
  const runIn = (table: typeof datasetRuns | typeof deletedDatasetRuns) =>
    new QueryBuilder()
      .select({ one: sql`1` })
      .from(table)
      .where(sql`${table.projectId} = ${projectId} and ${table.id} = ${EXPERIMENT_ID_OF_SPAN}`);
  return and(
    sql`${observations.projectId} = ${projectId}`,
    IS_EXPERIMENT_ITEM,
    isNotNull(EXPERIMENT_ID_OF_SPAN),
    ids && inArray(EXPERIMENT_ID_OF_SPAN, [...ids]),
    names && inArray(experimentAttribute("name"), [...names]),
    datasetIds && inArray(experimentAttribute("dataset.id"), [...datasetIds]),
    itemIds && inArray(experimentAttribute("item.id"), [...itemIds]),
    notExists(runIn(datasetRuns)),
    notExists(runIn(deletedDatasetRuns)),
  );
}
