import { END, METRIC, SIZES, type FillSettings } from "../settings.ts";
import { among, BAR_MS, dayBefore, limitOf, type QueryCase } from "./query-case.ts";

const SCORE_FILTERS: ReadonlyArray<readonly [name: string, query: (sample: number) => string]> = [
  ["common name", (n) => `name=score-${among(SIZES.scoreNames, n)}`],
  ["rare name", () => "name=rare-score"],
  ["source", (n) => `source=${["API", "ANNOTATION"][n % 2]}`],
  ["common user", (n) => `userId=user-${among(SIZES.users, n)}`],
  ["rare user", () => "userId=rare-user"],
  ["common tag", (n) => `traceTags=tag-${among(SIZES.tags, n)}`],
  ["rare tag", () => "traceTags=rare-tag"],
  ["below a value", (n) => `operator=<&value=${0.1 + (n % 5) / 10}`],
  ["a week", (n) => `fromTimestamp=${dayBefore(END, 17 + (n % 50))}&toTimestamp=${dayBefore(END, 10 + (n % 50))}`],
];

export function scoreCases({ scale }: FillSettings): QueryCase[] {
  const middle = Math.max(Math.round(5_000 * scale), 1);
  return [
    { name: "scores: page 1", paths: (n) => `v2/scores?limit=${limitOf(n)}`, barMs: BAR_MS },
    { name: "scores v1: page 1", paths: (n) => `scores?limit=${limitOf(n)}`, barMs: BAR_MS },
    {
      name: "scores: page 5,000 of 10,000",
      paths: (n) => `v2/scores?limit=50&page=${Math.max(middle + (n - 25) * 3, 1)}`,
      barMs: BAR_MS,
    },
    ...SCORE_FILTERS.map(([name, query]) => ({
      name: `scores: ${name}`,
      paths: (n: number) => `v2/scores?limit=${limitOf(n)}&${query(n)}`,
      barMs: BAR_MS,
    })),
    { name: "scores v3: first", paths: (n) => `v3/scores?limit=${limitOf(n)}`, barMs: BAR_MS },
  ];
}

export function sessionCases({ scale }: FillSettings): QueryCase[] {
  const deepPage = Math.max(Math.round(1_500 * scale), 1);
  return [
    { name: "sessions: page 1", paths: (n) => `sessions?limit=${limitOf(n)}`, barMs: BAR_MS },
    {
      name: "sessions: page 1,500 of 3,300",
      paths: (n) => `sessions?limit=50&page=${Math.max(deepPage + (n - 25), 1)}`,
      barMs: BAR_MS,
    },
    {
      name: "sessions: environment",
      paths: (n) => `sessions?limit=${limitOf(n)}&environment=${["production", "staging", "default"][n % 3]}`,
      barMs: BAR_MS,
    },
    {
      name: "sessions: a week",
      paths: (n) =>
        `sessions?limit=${limitOf(n)}&fromTimestamp=${dayBefore(END, 17 + (n % 50))}&toTimestamp=${dayBefore(END, 10 + (n % 50))}`,
      barMs: BAR_MS,
    },
    { name: "session of a few traces", paths: (n) => `sessions/session-${n * 20}`, barMs: BAR_MS },
    {
      name: "session of 1,000 traces",
      paths: (n) => `sessions/largest-session?fields=core,metrics&n=${n}`,
      barMs: BAR_MS,
    },
  ];
}

const DAILY_FILTERS: ReadonlyArray<readonly [name: string, query: (sample: number) => string]> = [
  ["plain", () => ""],
  ["common name", (n) => `&traceName=name-${among(SIZES.names, n)}`],
  ["rare name", () => "&traceName=rare-name"],
  ["common user", (n) => `&userId=user-${among(SIZES.users, n)}`],
  ["common tag", (n) => `&tags=tag-${among(SIZES.tags, n)}`],
  ["rare tag", () => "&tags=rare-tag"],
  ["environment", (n) => `&environment=${["production", "staging", "default"][n % 3]}`],
  ["release", (n) => `&release=release-${n % SIZES.releases}`],
  ["version", (n) => `&version=v${among(SIZES.versions, n)}`],
];

export function metricCases(): QueryCase[] {
  return [
    ...[30, 365].flatMap((days) =>
      DAILY_FILTERS.map(([name, query]) => ({
        name: `metrics/daily: ${days} days, ${name}`,
        paths: (n: number) =>
          `metrics/daily?limit=100&fromTimestamp=${dayBefore(END, days + (n % 7))}&toTimestamp=${dayBefore(END, n % 7)}${query(n)}`,
        barMs: BAR_MS,
      })),
    ),
    { name: "metrics/names", paths: (n) => `metrics/names?n=${n}`, barMs: BAR_MS },
    ...(["p99", "avg", "last"] as const).map((agg) => ({
      name: `metrics/query: ${agg} by label, 7 days by the hour`,
      paths: (n: number) => `${seriesPath(n)}&step=1h&agg=${agg}&group_by=model`,
      barMs: BAR_MS,
    })),
    {
      name: "metrics/query: p99 by label, 7 days by the minute",
      paths: (n) => `${seriesPath(n)}&step=1m&agg=p99&group_by=model`,
      barMs: BAR_MS,
    },
    {
      name: "metrics/query: p99 of one label set, 7 days by the hour",
      paths: (n) =>
        `${seriesPath(n)}&step=1h&agg=p99&labels=${encodeURIComponent(JSON.stringify({ model: `model-${1 + (n % METRIC.models)}` }))}`,
      barMs: BAR_MS,
    },
    {
      name: "metrics/query: avg by label, an hour by the minute",
      paths: (n) =>
        `metrics/query?name=${METRIC.name}&from=${hourBefore(n + 1)}&to=${hourBefore(n)}&step=1m&agg=avg&group_by=model`,
      barMs: BAR_MS,
    },
  ];
}

/** Seven days that end a few minutes before the last point. */
function seriesPath(sample: number): string {
  const to = Date.parse(END) - sample * 60_000;
  const from = to - METRIC.days * 86_400_000;
  return `metrics/query?name=${METRIC.name}&from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
}

function hourBefore(hours: number): string {
  return new Date(Date.parse(END) - hours * 3_600_000).toISOString();
}
