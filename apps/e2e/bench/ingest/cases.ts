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

export const THROUGHPUT_CASES: readonly ThroughputCase[] = FORMAT_NAMES.flatMap((format) =>
  SIZES.map((size) => ({ name: `${format}-${size.observationsPerBody}`, format, observationBytes: 1_500, ...size })),
);
