import { and, desc, eq, gte, lt, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { filterConditions } from "../filter/filter-conditions.ts";
import { EXPERIMENT_ID_OF_SPAN, observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { SPAN_EXPERIMENT_ITEM_FILTER_COLUMNS } from "./experiment-filter-columns.ts";
import type { ExperimentItemFilter, ExperimentItemRow, ExperimentPage } from "./experiment.ts";
import { experimentAttributesOf } from "./experiment-attributes.ts";
import { experimentSpanConditions } from "./experiment-spans.ts";

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
  return rows.map((row) => {
    const said = experimentAttributesOf(row.observation.metadata);
    return {
      id: row.id,
      createdAt: row.observation.startTime,
      traceId: row.traceId,
      observationId: row.id,
      run: {
        id: row.experimentId,
        name: said.text("name") ?? row.experimentId,
        description: said.text("description"),
        metadata: said.object("metadata"),
      },
      item: {
        id: said.text("item.id") ?? row.id,
        datasetId: said.text("dataset.id"),
        input: row.observation.input,
        expectedOutput: said.json("item.expected_output"),
        metadata: said.object("item.metadata"),
        updatedAt: microsecondsOf(said.text("item.version")),
      },
      observation: row.observation,
      trace: row.trace,
    };
  });
}

/** An item's version is the time from which it is as it was. */
function microsecondsOf(text: string | null): number | null {
  const ms = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? null : ms * 1_000;
}
