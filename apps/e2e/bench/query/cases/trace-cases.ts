import { DETAIL_SIZES, END, SIZES, type FillSettings } from "../settings.ts";
import { among, BAR_MS, dayBefore, LARGE_DETAIL_BAR_MS, limitOf, type QueryCase } from "./query-case.ts";

/** One filter of the trace list: a value that many traces have, and one that few have. */
type Filter = {
  readonly name: string;
  readonly common: (sample: number) => string;
  readonly rare: (sample: number) => string;
};

const FILTERS: readonly Filter[] = [
  { name: "user", common: (n) => `userId=user-${among(SIZES.users, n)}`, rare: () => "userId=rare-user" },
  { name: "session", common: () => "sessionId=largest-session", rare: (n) => `sessionId=session-${n * 20}` },
  { name: "name", common: (n) => `name=name-${among(SIZES.names, n)}`, rare: () => "name=rare-name" },
  { name: "tag", common: (n) => `tags=tag-${among(SIZES.tags, n)}`, rare: () => "tags=rare-tag" },
  {
    name: "environment",
    common: (n) => `environment=${["production", "staging", "default"][n % 3]}`,
    rare: () => "environment=rare-environment",
  },
  {
    name: "time",
    common: (n) => `fromTimestamp=${dayBefore(END, 45 + (n % 20))}&toTimestamp=${dayBefore(END, 10 + (n % 20))}`,
    rare: (n) => {
      const from = Date.parse(dayBefore(END, 5 + n)) + 3_600_000;
      return `fromTimestamp=${new Date(from).toISOString()}&toTimestamp=${new Date(from + 300_000).toISOString()}`;
    },
  },
];

const FREQUENCIES = ["common", "rare"] as const;

/** Pages of the list with its total, and single traces. */
export function traceCases({ scale }: FillSettings): QueryCase[] {
  // Page 10,000 of 20,000; with fewer rows just as far in.
  const deepPage = Math.max(Math.round(10_000 * scale), 1);
  return [
    { name: "traces: page 1", paths: (n) => `traces?limit=${limitOf(n)}`, barMs: BAR_MS },
    {
      name: "traces: page 10,000 of 20,000",
      paths: (n) => `traces?limit=50&page=${Math.max(deepPage + (n - 25) * 7, 1)}`,
      barMs: BAR_MS,
    },
    ...FILTERS.flatMap(({ name, ...values }) =>
      FREQUENCIES.map((frequency) => ({
        name: `traces: ${frequency} ${name}`,
        paths: (n: number) => `traces?limit=${limitOf(n)}&${values[frequency](n)}`,
        barMs: BAR_MS,
      })),
    ),
    ...pairs(),
    ...["release", "version"].map((field) => ({
      name: `traces: rare ${field}`,
      paths: (n: number) => `traces?limit=${limitOf(n)}&${field}=rare-${field}`,
      barMs: BAR_MS,
    })),
    {
      name: "traces: common name, page 100",
      paths: (n) => `traces?limit=50&page=${95 + (n % 10)}&name=name-0`,
      barMs: BAR_MS,
    },
    ...DETAIL_SIZES.map((size) => ({
      name: `trace of ${size.toLocaleString("en")} observations`,
      paths: (n: number) => `traces/trace-of-${size}?n=${n}`,
      barMs: size > 1_000 ? LARGE_DETAIL_BAR_MS : BAR_MS,
    })),
  ];
}

function pairs(): QueryCase[] {
  return FILTERS.flatMap((a, i) =>
    FILTERS.slice(i + 1).flatMap((b) =>
      FREQUENCIES.flatMap((ofA) =>
        FREQUENCIES.map((ofB) => ({
          name: `traces: ${ofA} ${a.name}, ${ofB} ${b.name}`,
          paths: (n: number) => `traces?limit=${limitOf(n)}&${a[ofA](n)}&${b[ofB](n + 1)}`,
          barMs: BAR_MS,
        })),
      ),
    ),
  );
}
