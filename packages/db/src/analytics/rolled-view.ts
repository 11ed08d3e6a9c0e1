import type { AnalyticsViewName } from "@xtrace/contract";
import type { Facet } from "../schema/usage.ts";

/** What the rollups know of the rows of a view, beside how many there are. */
export type RolledView = {
  /** Dimensions that are a facet of the trace: `facet_usage` has sums by them, of one at a time. */
  readonly facets: Readonly<Record<string, Facet>>;
  /** Dimensions that usage is summed by, and measures that it has: columns of `usageRows`. */
  readonly dimensions: Readonly<Record<string, "type" | "model">>;
  readonly sums: Readonly<Record<string, "prompt_tokens" | "completion_tokens" | "total_tokens" | "total_cost">>;
};

/**
 * An observation's own environment, name, level and version are in no rollup, nor are latencies: a percentile is no sum.
 * Of traces days hold only how many began: usage is by the day of the observations, not of their trace.
 */
export const ROLLED_VIEWS: Readonly<Partial<Record<AnalyticsViewName, RolledView>>> = {
  traces: {
    facets: { name: "name", environment: "environment", release: "release", version: "version" },
    dimensions: {},
    sums: {},
  },
  observations: {
    facets: { traceName: "name", release: "release", traceRelease: "release", traceVersion: "version" },
    dimensions: { type: "type", providedModelName: "model" },
    sums: {
      inputTokens: "prompt_tokens",
      outputTokens: "completion_tokens",
      totalTokens: "total_tokens",
      totalCost: "total_cost",
    },
  },
};
