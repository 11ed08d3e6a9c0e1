import { PRELOADED_CASE, REFERENCE_CASE, STANDALONE_CASE, THROUGHPUT_CASES } from "./cases.ts";
import { measureGrowingTraces } from "./growing-traces.ts";
import { measureHalfLoad } from "./half-load.ts";
import { measureIdle } from "./idle.ts";
import { emptyTables } from "./measure/stored-observations.ts";
import { preload } from "./preload.ts";
import { measureQueuedBytes } from "./queued-bytes.ts";
import type { Findings } from "./report.ts";
import { runCase, type Bench } from "./run-case.ts";
import { summarizeCase, type CaseSummary } from "./summarize-case.ts";
import type { BenchSystem } from "./system/bench-system.ts";

/** All that the options ask for, one after the other: nothing else shall run while something is measured. */
export async function measureAll(bench: Bench, startStandalone: () => Promise<BenchSystem>): Promise<Findings> {
  const { system, load, options, progress } = bench;
  const isWanted = (name: string) => options.only.length === 0 || options.only.includes(name);
  // First, before the system has grown under load.
  const idle = isWanted("idle") ? await measureIdle(system, options.isQuick) : undefined;

  const needsReference = isWanted("half-load") || options.preload > 0;
  const throughput: CaseSummary[] = [];
  for (const oneCase of THROUGHPUT_CASES) {
    const isNeeded = isWanted(oneCase.name) || (needsReference && oneCase.name === REFERENCE_CASE.name);
    if (isNeeded) throughput.push(summarizeCase(await runCase(bench, oneCase)));
  }
  const saturation = throughput.find(({ name }) => name === REFERENCE_CASE.name)?.observationsPerSecond.median ?? 0;
  const halfLoad = isWanted("half-load")
    ? await measureHalfLoad(bench, saturation, options.halfLoadSeconds)
    : undefined;
  const growing = isWanted("growing-traces") ? await measureGrowingTraces(bench, options.isQuick) : undefined;
  const queuedBytes = isWanted("queued-bytes") ? await measureQueuedBytes(load, options) : undefined;

  let preloaded: Findings["preloaded"];
  if (options.preload > 0) {
    await emptyTables(system.sql);
    await preload(system.sql, options.preload, progress);
    const summary = summarizeCase(await runCase(bench, PRELOADED_CASE, true));
    throughput.push(summary);
    preloaded = { observations: options.preload, ratioToEmpty: summary.observationsPerSecond.median / saturation };
  }
  // Last: the three processes are gone then.
  if (isWanted(STANDALONE_CASE.name)) {
    await system[Symbol.asyncDispose]();
    const standalone = await startStandalone();
    throughput.push(summarizeCase(await runCase({ ...bench, system: standalone }, STANDALONE_CASE)));
  }
  return {
    throughput,
    ...(idle && { idle }),
    ...(halfLoad && { halfLoad }),
    ...(growing && { growing }),
    ...(queuedBytes !== undefined && { redisBytesPerQueuedObservation: queuedBytes }),
    ...(preloaded && { preloaded }),
  };
}
