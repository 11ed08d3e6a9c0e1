import { z } from "zod";
import { atMost } from "../bounded.ts";
import { Filter, TimeUs } from "./filter.ts";

const MAX_DIMENSIONS = 20;
const MAX_METRICS = 20;
const MAX_BINS = 100;
const MAX_ROWS = 1_000;

export const ANALYTICS_VIEWS = [
  "traces",
  "observations",
  "scores-numeric",
  "scores-boolean",
  "scores-categorical",
] as const;
export type AnalyticsViewName = (typeof ANALYTICS_VIEWS)[number];

/** How the values of a measure become one. `uniq` counts different values, `histogram` gives `[lower, upper, count]` of equal bins. */
export const ANALYTICS_AGGREGATIONS = [
  "sum",
  "avg",
  "count",
  "max",
  "min",
  "p50",
  "p75",
  "p90",
  "p95",
  "p99",
  "uniq",
  "histogram",
] as const;
export type AnalyticsAggregation = (typeof ANALYTICS_AGGREGATIONS)[number];

export const GRANULARITIES = ["minute", "hour", "day", "week", "month"] as const;
export type Granularity = (typeof GRANULARITIES)[number];

const Field = z.string();

/**
 * What is asked of the metrics endpoints, as JSON in their parameter `query`.
 *
 * Source: Langfuse's metrics query. Which fields and measures there are depends on the view.
 */
export const AnalyticsQuery = z
  .object({
    view: z.enum(ANALYTICS_VIEWS),
    dimensions: z
      .array(z.object({ field: Field }))
      .refine(...atMost(MAX_DIMENSIONS))
      .default([]),
    metrics: z
      .array(z.object({ measure: Field, aggregation: z.enum(ANALYTICS_AGGREGATIONS) }))
      .refine(({ length }) => length > 0, { error: "expected at least one metric" })
      .refine(...atMost(MAX_METRICS)),
    filters: Filter.default([]),
    timeDimension: z.object({ granularity: z.enum(["auto", ...GRANULARITIES]) }).nullish(),
    fromTimestamp: TimeUs,
    toTimestamp: TimeUs,
    orderBy: z
      .array(z.object({ field: Field, direction: z.enum(["asc", "desc"]) }))
      .refine(...atMost(MAX_DIMENSIONS + MAX_METRICS))
      .nullish(),
    config: z
      .object({
        bins: z.int().gte(1).lte(MAX_BINS).optional(),
        row_limit: z.int().gte(1).lte(MAX_ROWS).optional(),
      })
      .nullish(),
  })
  .refine(({ fromTimestamp, toTimestamp }) => fromTimestamp < toTimestamp, {
    path: ["toTimestamp"],
    error: "expected to be after fromTimestamp",
  });
export type AnalyticsQuery = z.infer<typeof AnalyticsQuery>;

/** One entry a group: its dimensions, `time_dimension` if it was asked for, and `<aggregation>_<measure>` for each metric. */
export const AnalyticsRows = z.object({ data: z.array(z.record(z.string(), z.unknown())) });
export type AnalyticsRows = z.infer<typeof AnalyticsRows>;
