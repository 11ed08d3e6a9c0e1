import { and, desc, eq, gte, lt, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { filterConditions } from "../filter/filter-conditions.ts";
import { EXPERIMENT_ID_OF_SPAN, observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { SPAN_EXPERIMENT_ITEM_FILTER_COLUMNS } from "./experiment-filter-columns.ts";
import type { ExperimentItemFilter, ExperimentItemRow, ExperimentPage } from "./experiment.ts";
import { experimentAttribute, experimentSpanConditions, readAttribute } from "./experiment-spans.ts";

/** Spans that ran an item of an experiment that only spans tell of, newest first. */
export async function listSpanExperimentItems(
  db: Database,
  { filter, before, limit }: ExperimentPage & { readonly filter: ExperimentItemFilter },
): Promise<ExperimentItemRow[]> {
  const { fromUs, toUs } = filter;
  const { id, traceId, startTime, endTime, level, environment, input, output, metadata } = observations;
  const rows = await db
    .select({
      id,
      traceId,
      observation: { startTime, endTime, level, environment, input, output, metadata },
      trace: {
        timestamp: traces.timestamp,
        endTime: traces.lastEndTime,
        environment: traces.environment,
        input: traces.input,
        output: traces.output,
        metadata: traces.metadata,
      },
      experimentId: sql<string>`${EXPERIMENT_ID_OF_SPAN}`,
      name: experimentAttribute("name"),
      description: experimentAttribute("description"),
      experimentMetadata: experimentAttribute("metadata"),
      datasetId: experimentAttribute("dataset.id"),
      itemId: experimentAttribute("item.id"),
      itemMetadata: experimentAttribute("item.metadata"),
      itemVersion: experimentAttribute("item.version"),
      expectedOutput: experimentAttribute("item.expected_output"),
    })
    .from(observations)
    .leftJoin(traces, and(eq(traces.projectId, observations.projectId), eq(traces.id, traceId)))
    .where(
      and(
        experimentSpanConditions(filter),
        filterConditions(SPAN_EXPERIMENT_ITEM_FILTER_COLUMNS, filter.conditions ?? []),
        fromUs === undefined ? undefined : gte(startTime, fromUs),
        toUs === undefined ? undefined : lt(startTime, toUs),
        before && sql`(${startTime}, ${id}) < (${sql.param(before.timestampUs, startTime)}, ${before.id})`,
      ),
    )
    .orderBy(desc(startTime), desc(id))
    .limit(limit);
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.observation.startTime,
    traceId: row.traceId,
    observationId: row.id,
    run: {
      id: row.experimentId,
      name: row.name ?? row.experimentId,
      description: row.description,
      metadata: readAttribute(row.experimentMetadata),
    },
    item: {
      id: row.itemId ?? row.id,
      datasetId: row.datasetId,
      input: row.observation.input,
      expectedOutput: readAttribute(row.expectedOutput),
      metadata: readAttribute(row.itemMetadata),
      updatedAt: microsecondsOf(row.itemVersion),
    },
    observation: row.observation,
    trace: row.trace,
  }));
}

/** An item's version is the time from which it is as it was. */
function microsecondsOf(text: string | null): number | null {
  const ms = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? null : ms * 1_000;
}
