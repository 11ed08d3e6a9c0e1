import { z } from "@hono/zod-openapi";
import { AnalyticsQuery } from "@xtrace/contract";
import { queryProblems } from "@xtrace/db";

/** A metrics query as JSON text. Every problem is named by its place in the query. */
export function analyticsQueryParam(refuse: (query: AnalyticsQuery) => ReturnType<typeof queryProblems>) {
  return z
    .string()
    .transform((text, context) => {
      const parsed = AnalyticsQuery.safeParse(parseJson(text));
      const issues = parsed.success ? [...queryProblems(parsed.data), ...refuse(parsed.data)] : parsed.error.issues;
      for (const { path, message } of issues) context.addIssue({ code: "custom", path: [...path], message });
      return parsed.success && issues.length === 0 ? parsed.data : z.NEVER;
    })
    .openapi({ type: "string", description: DESCRIPTION });
}

const DESCRIPTION =
  'JSON: {"view", "dimensions": [{"field"}], "metrics": [{"measure", "aggregation"}], "filters": [as `filter` of lists], ' +
  '"timeDimension": {"granularity"}, "fromTimestamp", "toTimestamp", "orderBy": [{"field", "direction"}], "config": {"bins", "row_limit"}}.';

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
