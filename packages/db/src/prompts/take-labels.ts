import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { promptVersions } from "../schema/prompts.ts";

/** Takes labels from whatever versions of a prompt have them. The caller holds the prompt's lock. */
export async function takeLabels(
  tx: Database,
  options: { readonly projectId: string; readonly name: string; readonly labels: readonly string[] },
): Promise<void> {
  const { projectId, name } = options;
  const labels = sql`${sql.param(options.labels)}::text[]`;
  await tx
    .update(promptVersions)
    .set({
      labels: sql`array(select label from unnest(${promptVersions.labels}) with ordinality as had (label, place)
        where label <> all(${labels}) order by place)`,
      updatedAt: sql`now()`,
    })
    .where(
      and(
        eq(promptVersions.projectId, projectId),
        eq(promptVersions.name, name),
        sql`${promptVersions.labels} && ${labels}`,
      ),
    );
}
