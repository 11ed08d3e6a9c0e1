import type { MetricAggregation, MetricStep } from "@xtrace/contract";

export type MetricSeriesQuery = {
  readonly projectId: string;
  readonly name: string;
  /** Both inclusive, Unix epoch microseconds. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Points that carry all of these. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Points of any of these. */
  readonly environments?: readonly string[] | undefined;
  readonly step: MetricStep;
  readonly aggregation: MetricAggregation;
  readonly groupBy: MetricGrouping;
  readonly maxSeries: number;
  /** In each series. */
  readonly maxPoints: number;
};

/** What makes a series: its whole set of labels, the value of one label, or nothing, so that there is one series. */
export type MetricGrouping =
  | { readonly by: "labels" }
  | { readonly by: "key"; readonly key: string }
  | { readonly by: "none" };

export type MetricSeriesResult = {
  readonly series: ReadonlyArray<{
    readonly labels: Record<string, string>;
    /** Oldest first. */
    readonly points: readonly MetricBucket[];
  }>;
  /** The start of the newest bucket of all series, also of those cut off. */
  readonly latestUs: number | undefined;
  readonly truncated: boolean;
};

/** The aggregate of the points of a bucket, which begins at `startUs`. */
export type MetricBucket = { readonly startUs: number; readonly value: number };
