import { hourlyCounts, type Database } from "@xtrace/db";

const HOUR_US = 3_600_000_000;

type Counted = "traceCount" | "observationCount" | "scoreCount";

/** Counts rows as the worker does when it writes them; `timesUs` are those that the rows are listed by. */
export async function addToHours(
  db: Database,
  projectId: string,
  kind: Counted,
  timesUs: readonly number[],
): Promise<void> {
  const stored = await db.select().from(hourlyCounts);
  for (const timeUs of timesUs) {
    const hour = Math.floor(timeUs / HOUR_US) * HOUR_US;
    let row = stored.find((candidate) => candidate.projectId === projectId && candidate.hour === hour);
    if (!row) {
      row = { projectId, hour, traceCount: 0, observationCount: 0, scoreCount: 0 };
      stored.push(row);
    }
    row[kind] += 1;
  }
  for (const row of stored.filter((candidate) => candidate.projectId === projectId)) {
    await db
      .insert(hourlyCounts)
      .values(row)
      .onConflictDoUpdate({ target: [hourlyCounts.projectId, hourlyCounts.hour], set: row });
  }
}
