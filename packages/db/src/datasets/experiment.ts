import type { FilterCondition } from "@xtrace/contract";

/**
 * Experiments of a project, of any dataset or of none. Lists match any of their entries. Times, in Unix epoch microseconds,
 * are of what came of items: an experiment is in a range with its part of it.
 */
export type ExperimentFilter = {
  readonly projectId: string;
  readonly ids?: readonly string[] | undefined;
  readonly names?: readonly string[] | undefined;
  readonly datasetIds?: readonly string[] | undefined;
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
  /** On the columns of `EXPERIMENT_FILTER_COLUMNS`, of items on those of `EXPERIMENT_ITEM_FILTER_COLUMNS`. */
  readonly conditions?: readonly FilterCondition[] | undefined;
};

export type ExperimentItemFilter = ExperimentFilter & {
  /** Of dataset items, or of whatever data the experiment ran on. */
  readonly itemIds?: readonly string[] | undefined;
};

/** The place of an experiment, by its last activity, or of what came of an item, in a list by time. */
export type ExperimentPosition = { readonly timestampUs: number; readonly id: string };

/** Which part of a list is asked for: what comes after `before`, `limit` at most. */
export type ExperimentPage = { readonly before?: ExperimentPosition | undefined; readonly limit: number };

export type ExperimentRow = {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly metadata: unknown;
  /** `null`: of data that is no dataset. */
  readonly datasetId: string | null;
  /** In the range that was asked for, as are the times: Unix epoch microseconds. */
  readonly itemCount: number;
  /** When something came of it first. */
  readonly startedAt: number;
  /** When something came of it last, by the start of that. */
  readonly activeAt: number;
  /** The last end of what came of its items; `null` while nothing has come. */
  readonly endedAt: number | null;
};

/** What came of an item, with what there is of the observation that ran it and of its trace. */
export type ExperimentItemRow = {
  readonly id: string;
  readonly createdAt: number;
  readonly traceId: string;
  readonly observationId: string | null;
  readonly run: Pick<ExperimentRow, "id" | "name" | "description" | "metadata">;
  readonly item: {
    readonly id: string;
    readonly datasetId: string | null;
    readonly input: unknown;
    readonly expectedOutput: unknown;
    readonly metadata: unknown;
    /** Which version of the item it was, by its time. */
    readonly updatedAt: number | null;
  };
  readonly observation: (ItemOutcome<"startTime"> & { readonly level: string | null }) | null;
  readonly trace: ItemOutcome<"timestamp"> | null;
};

type ItemOutcome<Start extends string> = Readonly<Record<Start, number>> & {
  readonly endTime: number | null;
  readonly environment: string | null;
  readonly input: unknown;
  readonly output: unknown;
  readonly metadata: unknown;
};
