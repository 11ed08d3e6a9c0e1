import { z } from "zod";
import { paged } from "./page.ts";

const count = z.int().nonnegative();

/** What one model used on one day. `model` is `null` for generations that named none. Costs are US dollars. */
export const ModelUsage = z.object({
  model: z.string().nullable(),
  inputUsage: z.number(),
  outputUsage: z.number(),
  totalUsage: z.number(),
  countTraces: count,
  countObservations: count,
  totalCost: z.number(),
});
export type ModelUsage = z.infer<typeof ModelUsage>;

/**
 * One UTC day. `countTraces` goes by the traces' timestamps; everything else by the starts of the
 * observations, of all types; `usage` is their generations, most expensive model first.
 */
export const DailyMetrics = z
  .object({
    date: z.iso.date(),
    countTraces: count,
    countObservations: count,
    totalCost: z.number(),
    usage: z.array(ModelUsage),
  })
  .meta({ id: "DailyMetrics" });
export type DailyMetrics = z.infer<typeof DailyMetrics>;

export const DailyMetricsList = paged(DailyMetrics);
export type DailyMetricsList = z.infer<typeof DailyMetricsList>;

export const MetricNames = z.object({ data: z.array(z.string()) });
export type MetricNames = z.infer<typeof MetricNames>;

/** The widths of a bucket that a metrics query may ask for. Buckets are aligned to the Unix epoch. */
export const METRIC_STEPS = ["1m", "5m", "1h", "1d"] as const;
export type MetricStep = (typeof METRIC_STEPS)[number];

/** How the points of a bucket become one value. Percentiles interpolate between points. */
export const METRIC_AGGREGATIONS = ["avg", "max", "min", "sum", "last", "p50", "p90", "p99"] as const;
export type MetricAggregation = (typeof METRIC_AGGREGATIONS)[number];

export const MetricSeries = z
  .object({
    labels: z.record(z.string(), z.string()),
    values: z
      .array(z.object({ timestamp: z.iso.datetime(), value: z.number() }))
      .describe("Oldest first. `timestamp` is the start of the bucket; a bucket without points is left out."),
  })
  .meta({ id: "MetricSeries" });
export type MetricSeries = z.infer<typeof MetricSeries>;

/** Keys in snake case, as the Rust system names them. */
export const MetricSeriesList = z.object({
  data: z.array(MetricSeries),
  meta: z.object({
    latest_ts: z.iso
      .datetime()
      .optional()
      .describe("Start of the newest bucket that matched, also when it was cut off; absent when nothing matched."),
    series_count: count.describe("How many series `data` holds."),
    truncated: z.boolean().describe("Whether a series, or points of a series, were left out."),
  }),
});
export type MetricSeriesList = z.infer<typeof MetricSeriesList>;
