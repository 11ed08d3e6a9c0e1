import type { FormatName } from "./workload/formats.ts";

export type ThroughputCase = {
  readonly name: string;
  readonly format: FormatName;
  readonly observationsPerBody: number;
  readonly observationBytes: number;
  /** Of the observations of a run: a body of one costs so much more that fewer do. */
  readonly share: number;
};

const SIZES = [
  { observationsPerBody: 10, share: 1 },
  { observationsPerBody: 100, share: 1 },
  { observationsPerBody: 1, share: 1 / 3 },
] as const;

const FORMAT_NAMES = ["xtrace", "langfuse", "otlp-json", "otlp-protobuf"] as const satisfies readonly FormatName[];

const OF_EACH_FORMAT: readonly ThroughputCase[] = FORMAT_NAMES.flatMap((format) =>
  SIZES.map((size) => ({ name: `${format}-${size.observationsPerBody}`, format, observationBytes: 1_500, ...size })),
);

/** What saturation means elsewhere: bodies of ten, as an agent's SDK flushes them. */
export const REFERENCE_CASE: ThroughputCase = {
  name: "xtrace-10",
  format: "xtrace",
  observationsPerBody: 10,
  observationBytes: 1_500,
  share: 1,
};

/** Large inputs and outputs, for what they take on the disk. */
const LARGE_CASE: ThroughputCase = {
  ...REFERENCE_CASE,
  name: "xtrace-10-of-20kb",
  observationBytes: 20_000,
  share: 1 / 10,
};

export const THROUGHPUT_CASES: readonly ThroughputCase[] = [...OF_EACH_FORMAT, LARGE_CASE];

/** One process, with PostgreSQL as the queue. */
export const STANDALONE_CASE: ThroughputCase = { ...REFERENCE_CASE, name: "standalone-10" };

/** The reference case over a database that holds much already. */
export const PRELOADED_CASE: ThroughputCase = { ...REFERENCE_CASE, name: "preloaded-10" };

/** All that can be asked for by name. */
export const CASE_NAMES: readonly string[] = [
  "idle",
  ...THROUGHPUT_CASES.map(({ name }) => name),
  "half-load",
  "growing-traces",
  "queued-bytes",
  STANDALONE_CASE.name,
];
