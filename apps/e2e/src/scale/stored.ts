import { eventually } from "@xtrace/testkit";
import postgres from "postgres";
import type { Probes } from "../probes.ts";

const DRAIN_TIMEOUT_MS = 90_000;

/** Resolves when no job waits, runs or is to be tried again; fails with what there is after 90 s. */
export async function untilDrained(probes: Probes): Promise<void> {
  await eventually(
    async () => {
      const { waiting, active, delayed } = await probes.queueCounts();
      if (waiting + active + delayed > 0)
        throw new Error(`${waiting} jobs wait, ${active} run, ${delayed} are delayed`);
    },
    { timeoutMs: DRAIN_TIMEOUT_MS, intervalMs: 100 },
  );
}

/** Which of the traces are not stored, and which of them without exactly one observation. */
export async function missingTraces(databaseUrl: string, ids: readonly string[]): Promise<string[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const rows = await sql<Array<{ id: string }>>`
      SELECT wanted.id FROM json_array_elements_text(${JSON.stringify(ids)}::text::json) AS wanted(id)
      LEFT JOIN traces t ON t.id = wanted.id
      WHERE t.id IS NULL OR t.observation_count <> 1
        OR (SELECT count(*) FROM observations o WHERE o.trace_id = wanted.id) <> 1`;
    return rows.map(({ id }) => id);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
