/** What is filled in. Everything else follows from it: the same settings give the same rows. */
export type FillSettings = {
  /** 1 is 1,000,000 traces, 5,000,000 observations and 500,000 scores. */
  readonly scale: number;
  /** JSON of an observation's input, output and metadata together, about. */
  readonly payloadBytes: number;
  readonly days: number;
  readonly seed: number;
  /** Between two points of a label set of the metric that is asked for. */
  readonly metricStepSeconds: number;
};

/** A trace's input, output and metadata are as large as an observation's. */
export const DEFAULT_FILL: Omit<FillSettings, "scale"> = {
  payloadBytes: 300,
  days: 90,
  seed: 8,
  metricStepSeconds: 10,
};

const MILLION = 1_000_000;

export function traceCountOf({ scale }: FillSettings): number {
  return Math.max(Math.round(scale * MILLION), 1_000);
}

/** Nothing is stored at or after it. */
export const END = "2026-02-01T00:00:00Z";

/** Rows that carry a rare value, however large the rest is. */
export const RARE_ROWS = 50;

/** Observations of the traces that are made for their size. */
export const DETAIL_SIZES = [10, 1_000, 10_000] as const;

/** Traces of the largest session: the same at any scale that has so many to spare. */
export function largestSessionOf(settings: FillSettings): number {
  return Math.min(1_000, traceCountOf(settings) / 10);
}

export const METRIC = { name: "llm.latency_ms", days: 7, models: 5 } as const;

export const SIZES = {
  users: 20_000,
  names: 40,
  tags: 30,
  releases: 60,
  versions: 5,
  models: 8,
  observationNames: 25,
  prompts: 12,
  scoreNames: 8,
  datasets: 10,
  itemsPerDataset: 100,
  /** At scale 1. */
  runs: 1_000,
} as const;
