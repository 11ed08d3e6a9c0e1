import { END, SIZES } from "../settings.ts";
import { among, BAR_MS, dayBefore, type QueryCase } from "./query-case.ts";

/** A metrics query without its time range, which each sample has of its own. */
type Question = {
  readonly view: string;
  readonly by?: string;
  readonly metrics: ReadonlyArray<readonly [aggregation: string, measure: string]>;
  readonly filter?: (sample: number) => object;
  readonly granularity?: string;
  readonly top?: number;
};

const COUNT = ["count", "count"] as const;
const COST = ["sum", "totalCost"] as const;
const TOKENS = ["sum", "totalTokens"] as const;
const P95 = ["p95", "latency"] as const;
const USED = [COUNT, COST, TOKENS];

const is = (column: string, value: (sample: number) => string) => (sample: number) => ({
  type: "string",
  column,
  operator: "=",
  value: value(sample),
});
const environment = is("environment", (n) => ["production", "staging", "default"][n % 3] ?? "");
const model = is("providedModelName", (n) => `model-${among(SIZES.models, n)}`);
const user = is("userId", (n) => `user-${among(SIZES.users, n)}`);
const ofObservations = { view: "observations" } as const;
const ofTraces = { view: "traces" } as const;
const ofScores = { view: "scores-numeric", metrics: [COUNT, ["avg", "value"]] } as const;

/** Of both versions of the endpoint. */
const QUESTIONS: ReadonlyArray<readonly [name: string, question: Question]> = [
  ["usage", { ...ofObservations, metrics: USED }],
  ["usage by model", { ...ofObservations, by: "providedModelName", metrics: USED }],
  ["usage by model and day", { ...ofObservations, by: "providedModelName", metrics: USED, granularity: "day" }],
  ["usage by hour", { ...ofObservations, metrics: USED, granularity: "hour" }],
  ["usage of a model by day", { ...ofObservations, metrics: USED, filter: model, granularity: "day" }],
  ["usage by type", { ...ofObservations, by: "type", metrics: USED }],
  ["usage by trace name", { ...ofObservations, by: "traceName", metrics: USED }],
  ["usage by environment", { ...ofObservations, by: "environment", metrics: USED }],
  ["usage by prompt name", { ...ofObservations, by: "promptName", metrics: USED }],
  ["usage by tags", { ...ofObservations, by: "tags", metrics: USED }],
  ["usage of the 20 largest users", { ...ofObservations, by: "userId", metrics: [COST, COUNT], top: 20 }],
  [
    "usage of an environment by model",
    { ...ofObservations, by: "providedModelName", metrics: USED, filter: environment },
  ],
  ["usage of a user by model", { ...ofObservations, by: "providedModelName", metrics: USED, filter: user }],
  ["p95 latency by model", { ...ofObservations, by: "providedModelName", metrics: [COUNT, P95] }],
  ["p95 latency of a model by day", { ...ofObservations, metrics: [P95], filter: model, granularity: "day" }],
  ["p95 latency of a user", { ...ofObservations, metrics: [P95], filter: user }],
  ["average score by name", { ...ofScores, by: "name" }],
  ["average score by name and day", { ...ofScores, by: "name", granularity: "day" }],
];

/** Of version 1 alone: the other does not know traces. */
const TRACE_QUESTIONS: typeof QUESTIONS = [
  ["traces by day", { ...ofTraces, metrics: [COUNT], granularity: "day" }],
  ["traces by name", { ...ofTraces, by: "name", metrics: [COUNT] }],
  ["traces by environment and day", { ...ofTraces, by: "environment", metrics: [COUNT], granularity: "day" }],
  ["traces by tags", { ...ofTraces, by: "tags", metrics: [COUNT] }],
  ["cost and p95 latency of traces by name", { ...ofTraces, by: "name", metrics: [COST, P95] }],
  ["cost of traces of the 20 largest users", { ...ofTraces, by: "userId", metrics: [COST, COUNT], top: 20 }],
];

/** What dashboards ask of both metrics endpoints, which compile the same statements, over a week and a month that end within a day. */
export function analyticsCases(): QueryCase[] {
  return [7, 30].flatMap((days) => [
    ...QUESTIONS.map((asked) => caseOf("v2/metrics", days, ...asked)),
    ...TRACE_QUESTIONS.map((asked) => caseOf("metrics", days, ...asked)),
  ]);
}

function caseOf(endpoint: string, days: number, name: string, question: Question): QueryCase {
  return {
    name: `${endpoint}: ${days} days, ${name}`,
    paths: (n) => `${endpoint}?query=${encodeURIComponent(JSON.stringify(queryOf(question, days, n)))}`,
    barMs: BAR_MS,
  };
}

/** The range ends some minutes into an hour, as "the last seven days" do. */
function queryOf({ view, by, metrics, filter, granularity, top }: Question, days: number, sample: number): object {
  const minutes = 7 + 29 * sample;
  const at = (daysBack: number) => new Date(Date.parse(dayBefore(END, daysBack)) - minutes * 60_000).toISOString();
  const [[aggregation, measure] = COUNT] = metrics;
  return {
    view,
    dimensions: by === undefined ? [] : [{ field: by }],
    metrics: metrics.map(([how, what]) => ({ aggregation: how, measure: what })),
    filters: filter ? [filter(sample)] : [],
    ...(granularity === undefined ? {} : { timeDimension: { granularity } }),
    fromTimestamp: at(days),
    toTimestamp: at(0),
    ...(top === undefined
      ? {}
      : { orderBy: [{ field: `${aggregation}_${measure}`, direction: "desc" }], config: { row_limit: top } }),
  };
}
