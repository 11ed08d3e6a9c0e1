import type { IngestJob } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { metrics } from "../schema/metrics.ts";
import { columnList, recordset } from "./recordset.ts";

const COLUMNS = ["projectId", "id", "environment", "name", "labels", "value", "timestamp"];

/** Stores points, each once: a replayed one has the id of the stored one. Returns how many were new. */
export async function insertMetrics(tx: Database, jobs: readonly IngestJob[]): Promise<number> {
  const rows = jobs
    .flatMap(({ projectId, events }) =>
      events.metrics.map(({ timestampUs, ...point }) => ({ projectId, ...point, timestamp: timestampUs })),
    )
    .toSorted((a, b) => (a.projectId + a.id < b.projectId + b.id ? -1 : 1));
  if (rows.length === 0) return 0;
  const points = recordset(metrics, COLUMNS, rows);
  const result = await tx.execute(sql`
    insert into ${metrics} (${columnList(metrics, COLUMNS)})
    select ${points.values} from ${points.from}
    on conflict do nothing`);
  return result.count;
}
