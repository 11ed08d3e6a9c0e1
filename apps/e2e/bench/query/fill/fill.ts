import postgres from "postgres";
import type { FillSettings } from "../settings.ts";
import { withBareTables } from "./bare-tables.ts";
import { DATASET_TABLES, insertDatasets } from "./datasets.ts";
import { definitions, traceSeeds } from "./definitions.ts";
import { DERIVED } from "./derived.ts";
import { detailSeeds, insertObservations } from "./observations.ts";
import { insertMetrics, insertScores } from "./scores-and-metrics.ts";
import { insertTraces, TRACE_TOTALS } from "./traces.ts";

export const PROJECT = "bench";

const STORED = ["observations", "traces", "scores", "metrics", "metric_series"];

/** Fills a migrated database without rows, inside it: nothing travels. Leaves it analyzed and vacuumed. */
export async function fill(url: string, settings: FillSettings, log: (line: string) => void): Promise<void> {
  // What is made for the fill lives in the session, so there is one.
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { TimeZone: "UTC" } });
  const run = async (name: string, ...statements: readonly string[]) => {
    const from = performance.now();
    for (const statement of statements) await sql.unsafe(statement);
    log(`${name}: ${((performance.now() - from) / 1000).toFixed(1)} s`);
  };
  const bare = [...STORED, ...DERIVED.map(({ table }) => table)];
  try {
    await sql.unsafe(`set work_mem = '256MB'; set maintenance_work_mem = '512MB'; set synchronous_commit = off`);
    await run("seeds", ...definitions(settings), traceSeeds(settings), detailSeeds(settings), "analyze seeds");
    const from = performance.now();
    await withBareTables(sql, bare, async () => {
      await run("observations", insertObservations(settings), "analyze observations");
      await run("traces", TRACE_TOTALS, insertTraces(settings));
      await run("scores", insertScores(settings));
      await run("metrics", ...insertMetrics(settings));
      for (const { table, columns, rows } of DERIVED) {
        await run(table, `insert into ${table} (${columns}) select ${columns} from (${rows}) derived`);
      }
    });
    log(`with keys and indexes: ${((performance.now() - from) / 1000).toFixed(1)} s`);
    await run("datasets", ...insertDatasets(settings));
    await run("vacuum", ...[...bare, ...DATASET_TABLES].map((table) => `vacuum (analyze) ${table}`), "checkpoint");
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/**
 * Tables that do not hold what the stored rows add up to; empty when all do.
 * Compares both ways, row by row.
 */
export async function wrongDerivedTables(url: string): Promise<string[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { TimeZone: "UTC" } });
  try {
    const wrong: string[] = [];
    for (const { table, columns, rows } of DERIVED) {
      const stored = `select ${columns} from ${table}`;
      const computed = `select ${columns} from (${rows}) computed`;
      const found = await sql.unsafe(`(${stored} except ${computed}) union all (${computed} except ${stored}) limit 1`);
      if (found.length > 0) wrong.push(table);
    }
    return wrong;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
