import { REFERENCE_CASE } from "./cases.ts";
import { emptyTables } from "./measure/stored-observations.ts";
import { nextWorkload, type Bench } from "./run-case.ts";
import { measureThroughput } from "./throughput.ts";

export type GrowingResult = {
  readonly traces: number;
  readonly observationsPerTrace: number;
  /** Of every tenth of the way: microseconds of CPU of all processes an observation, and observations a second. */
  readonly tenths: ReadonlyArray<{ readonly cpuUs: number; readonly observationsPerSecond: number }>;
  /** CPU of the last tenth over CPU of the first. */
  readonly growth: number;
};

/** Several at once: the times of one alone would be too short for the clock of `/proc`. */
const TRACES = 4;
const REQUESTS_PER_TRACE = 1_000;
const TENTHS = 10;

/** Question: does the thousandth request to a trace cost more than the first? */
export async function measureGrowingTraces(bench: Bench, isQuick: boolean): Promise<GrowingResult> {
  const { system, load, options, progress } = bench;
  const { format, observationsPerBody, observationBytes } = REFERENCE_CASE;
  const requests = isQuick ? REQUESTS_PER_TRACE / 10 : REQUESTS_PER_TRACE;
  const bodies = (TRACES * requests) / TENTHS;
  const shape = { format, observations: observationsPerBody, observationBytes, bodies, growingTraces: TRACES };
  await emptyTables(system.sql);
  // Other traces, so that the first tenth is not the one that runs cold code.
  await load.prepare({ ...shape, ...nextWorkload(options) });
  await measureThroughput(system, load, options);

  const workload = { ...shape, ...nextWorkload(options) };
  const tenths: Array<{ cpuUs: number; observationsPerSecond: number }> = [];
  while (tenths.length < TENTHS) {
    await load.prepare({ ...workload, firstBody: tenths.length * bodies });
    const run = await measureThroughput(system, load, options);
    const cpuSeconds = Object.values(run.cpuSeconds).reduce((sum, seconds) => sum + seconds, 0);
    const cpuUs = (cpuSeconds * 1_000_000) / run.acknowledgedObservations;
    tenths.push({ cpuUs, observationsPerSecond: run.observationsPerSecond });
    progress(`growing traces ${tenths.length}/${TENTHS}: ${Math.round(cpuUs)} µs an observation`);
  }
  const growth = (tenths.at(-1)?.cpuUs ?? 0) / (tenths[0]?.cpuUs ?? 1);
  return { traces: TRACES, observationsPerTrace: requests * observationsPerBody, tenths, growth };
}
