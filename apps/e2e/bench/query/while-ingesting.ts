import type { ProjectKeys } from "../../src/test-system.ts";
import { REFERENCE_CASE } from "../ingest/cases.ts";
import { startLoadProcess, type LoadProcess } from "../ingest/load/load-process.ts";
import { storedSoFar, untilStored } from "../ingest/measure/stored-observations.ts";
import { nextWorkload } from "../ingest/run-case.ts";
import { connectBenchDatabase } from "../ingest/system/bench-database.ts";
import { startSystemOver, type BenchSystem } from "../ingest/system/bench-system.ts";
import { measureThroughput } from "../ingest/throughput.ts";
import type { QueryCase } from "./cases/query-case.ts";
import { measure, openClient, type Measured } from "./measure.ts";

export type WhileIngesting = { readonly observationsPerSecond: number; readonly cases: readonly Measured[] };

export type WritingOptions = {
  readonly databaseUrl: string;
  readonly keys: ProjectKeys;
  /** Of the query app. */
  readonly queryEnv: Readonly<Record<string, string>>;
  readonly samples: number;
  readonly saturatingObservations: number;
  readonly fromSources: boolean;
};

/** A case that has not got all its samples by then has to do with those it has. */
const SECONDS_PER_CASE = 8;
const PRESSURE = { connections: 32, maxBacklog: 20_000 };
const SEED = { seed: 77 };

/**
 * Question: how long do the same queries take while observations are written at half of what the system can take?
 *
 * The three processes run over the filled database. What they can take is measured first. Bodies are made between
 * two cases, and a case begins when what was sent during the one before is stored.
 */
export async function measureWhileIngesting(
  cases: readonly QueryCase[],
  { databaseUrl, keys, queryEnv, samples, saturatingObservations, fromSources }: WritingOptions,
): Promise<WhileIngesting> {
  await using system = await startSystemOver(connectBenchDatabase(databaseUrl), fromSources, { keys, queryEnv });
  await using load = startLoadProcess();
  const saturation = await saturationOf(system, load, saturatingObservations);
  const client = openClient(system.queryUrl, system.target.authorization);
  try {
    const measured: Measured[] = [];
    for (const query of cases) {
      measured.push(
        await whileWriting(system, load, saturation / 2, (isWriting) => measure(client, query, samples, isWriting)),
      );
    }
    return { observationsPerSecond: saturation / 2, cases: measured };
  } finally {
    client.close();
  }
}

/** Observations a second, after a tenth as many that do not count. */
async function saturationOf(system: BenchSystem, load: LoadProcess, observations: number): Promise<number> {
  const run = async (count: number) => {
    await prepare(load, Math.ceil(count / REFERENCE_CASE.observationsPerBody));
    return await measureThroughput(system, load, PRESSURE);
  };
  await run(observations / 10);
  return (await run(observations)).observationsPerSecond;
}

async function prepare(load: LoadProcess, bodies: number): Promise<void> {
  const { format, observationsPerBody, observationBytes } = REFERENCE_CASE;
  await load.prepare({ format, observations: observationsPerBody, observationBytes, bodies, ...nextWorkload(SEED) });
}

async function whileWriting<T>(
  system: BenchSystem,
  load: LoadProcess,
  observationsPerSecond: number,
  ask: (isWriting: () => boolean) => Promise<T>,
): Promise<T> {
  const bodiesPerSecond = observationsPerSecond / REFERENCE_CASE.observationsPerBody;
  await prepare(load, Math.ceil(bodiesPerSecond * SECONDS_PER_CASE));
  const before = await storedSoFar(system.sql);
  let isWriting = true;
  const writing = load.pace({ target: system.target, bodiesPerSecond }).finally(() => (isWriting = false));
  const [answer, { acknowledgedObservations }] = await Promise.all([
    ask(() => isWriting).finally(() => load.stop()),
    writing,
  ]);
  await untilStored(system.sql, before + acknowledgedObservations);
  return answer;
}
