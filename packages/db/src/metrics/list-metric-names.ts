import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { metrics } from "../schema/metrics.ts";

/**
 * The names of a project's metrics, in the index's order.
 *
 * PostgreSQL has no skip scan, so `select distinct` would read every point. This steps from one name
 * to the next over `metrics_project_name_timestamp_idx`: one index probe a name, however many points.
 */
export async function listMetricNames(
  db: Database,
  query: { readonly projectId: string; readonly limit: number },
): Promise<string[]> {
  const { projectId, limit } = query;
  const rows = await db.execute<{ name: string }>(sql`
    with recursive names (name) as (
      (select ${metrics.name} from ${metrics} where ${metrics.projectId} = ${projectId} order by ${metrics.name} limit 1)
      union all
      select (
        select ${metrics.name} from ${metrics}
        where ${metrics.projectId} = ${projectId} and ${metrics.name} > names.name
        order by ${metrics.name} limit 1
      )
      from names where names.name is not null
    )
    select name from names where name is not null limit ${limit}`);
  return rows.map((row) => row.name);
}
