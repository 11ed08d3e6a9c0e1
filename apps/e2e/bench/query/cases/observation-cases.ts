import { END, SIZES, type FillSettings } from "../settings.ts";
import { among, BAR_MS, dayBefore, limitOf, type QueryCase } from "./query-case.ts";

const FILTERS: ReadonlyArray<readonly [name: string, query: (sample: number) => string]> = [
  ["common name", (n) => `name=step-${among(SIZES.observationNames, n)}`],
  ["rare name", () => "name=rare-step"],
  ["type", (n) => `type=${["GENERATION", "SPAN", "TOOL", "EVENT"][n % 4]}`],
  ["common model", (n) => `model=model-${among(SIZES.models, n)}`],
  ["rare model", () => "model=rare-model"],
  ["level", (n) => `level=${["ERROR", "WARNING", "DEFAULT"][n % 3]}`],
  ["common version", (n) => `version=v${among(SIZES.versions, n)}`],
  ["rare version", () => "version=rare-version"],
  ["environment", (n) => `environment=${["production", "staging", "default"][n % 3]}`],
  ["common user", (n) => `userId=user-${among(SIZES.users, n)}`],
  ["rare user", () => "userId=rare-user"],
  ["trace", () => "traceId=trace-of-1000"],
  ["a week", (n) => `fromStartTime=${dayBefore(END, 17 + (n % 50))}&toStartTime=${dayBefore(END, 10 + (n % 50))}`],
  ["errors of a model", (n) => `level=ERROR&model=model-${among(SIZES.models, n)}`],
  ["release of the trace", (n) => `filter=${stringFilter("traceName", `name-${among(SIZES.names, n)}`)}`],
];

function stringFilter(column: string, value: string): string {
  return encodeURIComponent(JSON.stringify([{ type: "string", column, operator: "=", value }]));
}

/** Both lists of observations: by page with a total, and by cursor. */
export function observationCases({ scale }: FillSettings): QueryCase[] {
  const middle = Math.max(Math.round(50_000 * scale), 1);
  return [
    { name: "observations: page 1", paths: (n) => `observations?limit=${limitOf(n)}`, barMs: BAR_MS },
    {
      name: "observations: page 50,000 of 100,000",
      paths: (n) => `observations?limit=50&page=${Math.max(middle + (n - 25) * 13, 1)}`,
      barMs: BAR_MS,
    },
    ...FILTERS.map(([name, query]) => ({
      name: `observations: ${name}`,
      paths: (n: number) => `observations?limit=${limitOf(n)}&${query(n)}`,
      barMs: BAR_MS,
    })),
    { name: "observations v2: first", paths: (n) => `v2/observations?limit=${limitOf(n)}`, barMs: BAR_MS },
    {
      name: "observations v2: from a cursor deep down",
      paths: async (n, get) => {
        const first = (await get(`v2/observations?limit=1&toStartTime=${dayBefore(END, 10 + n)}`)) as {
          meta: { cursor: string };
        };
        return `v2/observations?limit=50&fields=core,basic,io,usage&cursor=${encodeURIComponent(first.meta.cursor)}`;
      },
      barMs: BAR_MS,
    },
    ...FILTERS.map(([name, query]) => ({
      name: `observations v2: ${name}`,
      paths: (n: number) => `v2/observations?limit=${limitOf(n)}&${query(n)}`,
      barMs: BAR_MS,
    })),
  ];
}
