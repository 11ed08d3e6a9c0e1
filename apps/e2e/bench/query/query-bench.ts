import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { migrateDatabase } from "@xtrace/db";
import { spawnNode } from "@xtrace/testkit";
import { basicAuth, type ProjectKeys } from "../../src/test-system.ts";
import { openBenchServer } from "./bench-server.ts";
import { analyticsCases } from "./cases/analytics-cases.ts";
import { datasetCases } from "./cases/dataset-cases.ts";
import { observationCases } from "./cases/observation-cases.ts";
import { metricCases, scoreCases, sessionCases } from "./cases/other-cases.ts";
import type { QueryCase } from "./cases/query-case.ts";
import { traceCases } from "./cases/trace-cases.ts";
import { fill, PROJECT, wrongDerivedTables } from "./fill/fill.ts";
import { measure, openClient, type Measured } from "./measure.ts";
import type { BenchOptions } from "./options.ts";
import { plansOf, type CasePlans } from "./plans.ts";
import { rowsOf, tableOf, type Row } from "./report.ts";
import type { FillSettings } from "./settings.ts";
import { measureWhileIngesting, type WhileIngesting } from "./while-ingesting.ts";

const KEYS: ProjectKeys = {
  projectId: PROJECT,
  publicKey: "pk-bench",
  secretKey: "sk-bench-0123456789",
  bearerToken: undefined,
};
/** Of every query app that is asked: a limit would answer for the database. What is cancelled has no figure. */
const QUERY_ENV = {
  DEFAULT_PROJECT_ID: KEYS.projectId,
  XTRACE_PUBLIC_KEY: KEYS.publicKey,
  XTRACE_SECRET_KEY: KEYS.secretKey,
  RATE_LIMIT_QPS: "0",
  STATEMENT_TIMEOUT_MS: "60000",
};
const AUTHORIZATION = basicAuth(KEYS);

type ScaleFigures = {
  readonly scale: number;
  readonly cases: readonly Measured[];
  readonly plans: readonly CasePlans[];
};

export type QueryBenchResult = {
  readonly commit: string;
  readonly machine: {
    readonly cpus: number;
    readonly cpu: string;
    readonly memoryBytes: number;
    readonly node: string;
  };
  readonly postgres: Readonly<Record<string, string>>;
  readonly fill: Omit<FillSettings, "scale">;
  readonly samples: number;
  readonly scales: readonly ScaleFigures[];
  /** At the largest scale. */
  readonly whileIngesting: WhileIngesting | undefined;
  readonly rows: readonly Row[];
};

/**
 * Fills a database at each scale and asks the built query app all questions, one at a time.
 * Prints a table, and writes the figures with their plans to `options.out`.
 */
export async function runQueryBench(options: BenchOptions, log: (line: string) => void): Promise<QueryBenchResult> {
  if (!existsSync(options.app)) throw new Error("apps/query is not built: run `pnpm build` first");
  requireSomeCase(options);
  await using server = await openBenchServer(options);
  const scales: ScaleFigures[] = [];
  let whileIngesting: WhileIngesting | undefined;
  const soFar = () => resultOf(options, server.settings, scales, whileIngesting);
  /** After each part: what was measured is not lost with a later one. */
  const save = async () => await writeFile(options.out, `${JSON.stringify(soFar(), null, 1)}\n`);
  for (const scale of options.scales) {
    const settings = { ...options.fill, scale };
    const { url, isNew } = await server.database(`${options.databasePrefix}_${String(scale).replace(".", "_")}`);
    if (isNew) {
      log(`filling, scale ${scale}`);
      await migrateDatabase(url);
      await fill(url, settings, log);
      const wrong = await wrongDerivedTables(url);
      if (wrong.length > 0) throw new Error(`the fill is wrong: ${wrong.join(", ")} disagree with the rows`);
    }
    const cases = casesOf(settings).filter(isWanted(options));
    log(`measuring ${cases.length} queries, scale ${scale}`);
    const measured = await measureAll(options.app, url, cases, options.samples);
    const explained = { databaseUrl: url, env: QUERY_ENV, authorization: AUTHORIZATION, cases };
    scales.push({ scale, cases: measured, plans: options.plans ? await plansOf(explained) : [] });
    await save();
    if (options.whileIngesting && scale === options.scales.at(-1)) {
      log(`measuring once more, while observations are written`);
      const asked = { keys: KEYS, queryEnv: QUERY_ENV, samples: options.samples };
      whileIngesting = await measureWhileIngesting(cases, { ...options.writing, databaseUrl: url, ...asked });
      log(`${Math.round(whileIngesting.observationsPerSecond)} observations/s were written meanwhile`);
      await save();
    }
  }

  const result = soFar();
  const { rows } = result;
  log(tableOf(rows));
  log(`${rows.filter(({ verdict }) => verdict !== "").length} of ${rows.length} miss a bar; written to ${options.out}`);
  return result;
}

function resultOf(
  options: BenchOptions,
  postgres: QueryBenchResult["postgres"],
  scales: readonly ScaleFigures[],
  whileIngesting: WhileIngesting | undefined,
): QueryBenchResult {
  return {
    commit: execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim(),
    machine: {
      cpus: cpus().length,
      cpu: cpus()[0]?.model ?? "",
      memoryBytes: totalmem(),
      node: process.version,
    },
    postgres,
    fill: options.fill,
    samples: options.samples,
    scales,
    whileIngesting,
    rows: rowsOf(scales, whileIngesting?.cases),
  };
}

const isWanted =
  ({ only }: BenchOptions) =>
  ({ name }: QueryCase) =>
    name.includes(only);

/** Before a quarter of an hour of filling, after which there would be nothing to ask. */
function requireSomeCase(options: BenchOptions): void {
  const cases = options.scales.flatMap((scale) => casesOf({ ...options.fill, scale }));
  if (cases.some(isWanted(options))) return;
  const names = [...new Set(cases.map(({ name }) => name))];
  throw new Error(`--only: no query's name contains "${options.only}"; there are\n  ${names.join("\n  ")}`);
}

function casesOf(settings: FillSettings): QueryCase[] {
  return [
    ...traceCases(settings),
    ...observationCases(settings),
    ...scoreCases(settings),
    ...sessionCases(settings),
    ...metricCases(),
    ...analyticsCases(),
    ...datasetCases(),
  ];
}

async function measureAll(
  entry: string,
  databaseUrl: string,
  cases: readonly QueryCase[],
  samples: number,
): Promise<Measured[]> {
  await using app = spawnNode(entry, {
    env: { ...QUERY_ENV, DATABASE_URL: databaseUrl, BIND_ADDR: "127.0.0.1:0", LOG_LEVEL: "info" },
  });
  const line = await app.waitForLine(/"url":"http/);
  const client = openClient(/"url":"([^"]+)"/.exec(line)?.[1] ?? "", AUTHORIZATION);
  try {
    const measured: Measured[] = [];
    for (const query of cases) measured.push(await measure(client, query, samples));
    return measured;
  } finally {
    client.close();
  }
}
