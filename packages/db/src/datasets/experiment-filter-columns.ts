import { sql, type SQL } from "drizzle-orm";
import type { FilterColumns } from "../filter/filter-columns.ts";
import { datasetRunItems, datasetRuns } from "../schema/datasets.ts";
import { EXPERIMENT_ID_OF_SPAN } from "../schema/observations.ts";
import { experimentAttribute } from "./experiment-spans.ts";

type Values = Readonly<Record<"id" | "name" | "datasetId", SQL>>;

const OF_RUNS: Values = {
  id: sql`${datasetRuns.id}`,
  name: sql`${datasetRuns.name}`,
  datasetId: sql`${datasetRuns.datasetId}`,
};

const OF_SPANS: Values = {
  id: EXPERIMENT_ID_OF_SPAN,
  name: experimentAttribute("name"),
  datasetId: experimentAttribute("dataset.id"),
};

/** Source: Langfuse's `filter` of `GET /experiments`. */
export const EXPERIMENT_FILTER_COLUMNS = columnsOf(OF_RUNS);
export const SPAN_EXPERIMENT_FILTER_COLUMNS = columnsOf(OF_SPANS);

/** Source: Langfuse's `filter` of `GET /experiment-items`. */
export const EXPERIMENT_ITEM_FILTER_COLUMNS = itemColumnsOf(OF_RUNS, sql`${datasetRunItems.itemId}`);
export const SPAN_EXPERIMENT_ITEM_FILTER_COLUMNS = itemColumnsOf(OF_SPANS, experimentAttribute("item.id"));

function columnsOf({ id, name, datasetId }: Values): FilterColumns {
  return { id: string(id), name: string(name), datasetId: string(datasetId) };
}

function itemColumnsOf({ id, name, datasetId }: Values, itemId: SQL): FilterColumns {
  return {
    experimentId: string(id),
    experimentName: string(name),
    experimentItemId: string(itemId),
    datasetId: string(datasetId),
  };
}

function string(value: SQL) {
  return { kind: "string", value } as const;
}
