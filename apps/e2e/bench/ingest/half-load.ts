import { quantile } from "./measure/quantile.ts";
import { emptyTables, untilStored } from "./measure/stored-observations.ts";
import { nextWorkload, type Bench } from "./run-case.ts";
import { REFERENCE_CASE } from "./cases.ts";

export type Percentiles = { readonly p50: number; readonly p95: number; readonly p99: number; readonly count: number };

export type HalfLoadResult = {
  readonly observationsPerSecond: number;
  /** Milliseconds from the moment a request is due to its answer. */
  readonly acknowledgement: Percentiles;
  /** Milliseconds from the answer until the read API has the last observation of the body. */
  readonly readable: Percentiles;
};

/** Over a minute enough that a p99 is not the slowest of them; each asks again and again, which the system pays for that is measured. */
const SAMPLES_PER_SECOND = 4;

/** Question: at half of what the system can do, how long does a client wait, and how long a reader? */
export async function measureHalfLoad(bench: Bench, saturation: number, seconds: number): Promise<HalfLoadResult> {
  const { system, load, options } = bench;
  const { format, observationsPerBody, observationBytes } = REFERENCE_CASE;
  const bodiesPerSecond = saturation / 2 / observationsPerBody;
  const bodies = Math.ceil(bodiesPerSecond * seconds);
  await load.prepare({ format, observations: observationsPerBody, observationBytes, bodies, ...nextWorkload(options) });
  await emptyTables(system.sql);
  const { acknowledgedObservations, acknowledgementMs, readableMs } = await load.pace({
    target: system.target,
    bodiesPerSecond,
    reads: { queryUrl: system.queryUrl, every: Math.max(1, Math.round(bodiesPerSecond / SAMPLES_PER_SECOND)) },
  });
  await untilStored(system.sql, acknowledgedObservations);
  return {
    observationsPerSecond: bodiesPerSecond * observationsPerBody,
    acknowledgement: percentilesOf(acknowledgementMs),
    readable: percentilesOf(readableMs),
  };
}

function percentilesOf(values: readonly number[]): Percentiles {
  const [p50, p95, p99] = [quantile(values, 0.5), quantile(values, 0.95), quantile(values, 0.99)];
  return { p50, p95, p99, count: values.length };
}
