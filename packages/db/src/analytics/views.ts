import type { AnalyticsViewName } from "@xtrace/contract";
import { OBSERVATION_VIEW } from "./observation-view.ts";
import { BOOLEAN_SCORE_VIEW, CATEGORICAL_SCORE_VIEW, NUMERIC_SCORE_VIEW } from "./score-views.ts";
import { TRACE_VIEW } from "./trace-view.ts";
import type { AnalyticsView } from "./view.ts";

/** Source: Langfuse's views, with its names of dimensions and measures. */
export const VIEWS: Readonly<Record<AnalyticsViewName, AnalyticsView>> = {
  traces: TRACE_VIEW,
  observations: OBSERVATION_VIEW,
  "scores-numeric": NUMERIC_SCORE_VIEW,
  "scores-boolean": BOOLEAN_SCORE_VIEW,
  "scores-categorical": CATEGORICAL_SCORE_VIEW,
};
