import {
  isJsonObject,
  type Experiment,
  type ExperimentField,
  type ExperimentItem,
  type ExperimentItemField,
  type ScoreV3,
} from "@xtrace/contract";
import type { ExperimentItemRow, ExperimentRow } from "@xtrace/db";
import { endNotBefore, wireTime, wireTimeOrNull } from "./wire-time.ts";

/** With the groups of fields that were asked for. */
export function presentExperiment(
  row: ExperimentRow,
  fields: ReadonlySet<ExperimentField>,
  scores: readonly ScoreV3[],
): Experiment {
  const { id, name, description, itemCount, datasetId, metadata, startedAt, endedAt } = row;
  return {
    id,
    name,
    description,
    startTime: wireTime(startedAt),
    endTime: wireTime(Math.max(startedAt, endedAt ?? startedAt)),
    itemCount,
    datasetId,
    ...(fields.has("metadata") ? { metadata: asObject(metadata) } : {}),
    ...(fields.has("scores") ? { scores: [...scores] } : {}),
  };
}

/** With the groups of fields that were asked for. */
export function presentExperimentItem(
  row: ExperimentItemRow,
  fields: ReadonlySet<ExperimentItemField>,
  scores: readonly ScoreV3[],
): ExperimentItem {
  const { item, run, traceId } = row;
  const { startTime, endTime, level, environment, input, output, metadata } = cameOf(row);
  const groups: Readonly<Record<ExperimentItemField, Partial<ExperimentItem>>> = {
    core: {},
    dataset: { experimentDatasetId: item.datasetId, experimentItemVersion: wireTimeOrNull(item.updatedAt) },
    io: { input, output, expectedOutput: item.expectedOutput },
    metadata: { metadata: asObject(metadata) },
    itemMetadata: { experimentItemMetadata: asObject(item.metadata) },
    experimentMetadata: { experimentMetadata: asObject(run.metadata), experimentDescription: run.description },
    scores: { scores: [...scores] },
  };
  const core = {
    id: row.observationId ?? traceId,
    traceId,
    startTime: wireTime(startTime),
    endTime: wireTimeOrNull(endNotBefore(startTime, endTime)),
    level: level ?? "DEFAULT",
    environment: environment ?? "default",
    experimentId: run.id,
    experimentName: run.name,
    experimentItemId: item.id,
  };
  return Object.assign(core, ...[...fields].map((field) => groups[field])) as ExperimentItem;
}

/** The observation speaks for the item, else the trace, else what is known of the item itself. */
function cameOf({ observation, trace, item, createdAt }: ExperimentItemRow) {
  const nothing = {
    startTime: createdAt,
    endTime: null,
    level: null,
    environment: null,
    input: item.input,
    output: null,
    metadata: {},
  };
  const ofTrace = trace ? { ...nothing, ...known(trace), startTime: trace.timestamp } : nothing;
  return observation ? { ...ofTrace, ...known(observation), endTime: observation.endTime } : ofTrace;
}

/** Without what is not said. */
function known<T extends object>(row: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as {
    [Key in keyof T]?: NonNullable<T[Key]>;
  };
}

/** Datasets keep any JSON as metadata; what is no object goes under the key `metadata`, as everywhere. */
function asObject(metadata: unknown): Record<string, unknown> | null {
  return metadata === null || isJsonObject(metadata) ? metadata : { metadata };
}
