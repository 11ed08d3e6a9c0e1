import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { promptVersions } from "../schema/prompts.ts";
import { getPrompt } from "./get-prompt.ts";
import { lockPrompt } from "./lock-prompt.ts";
import type { PromptRow } from "./prompt-columns.ts";
import { takeLabels } from "./take-labels.ts";

/** Moves labels to a version; those that it has stay. Returns the version as it is then, `undefined` when there is none. */
export async function addPromptLabels(
  db: Database,
  options: {
    readonly projectId: string;
    readonly name: string;
    readonly version: number;
    readonly labels: readonly string[];
  },
): Promise<PromptRow | undefined> {
  const { projectId, name, version } = options;
  return await db.transaction(async (tx) => {
    if (!(await lockPrompt(tx, { projectId, name }))) return undefined;
    const row = await getPrompt(tx, { projectId, reference: { name, version } });
    if (!row) return undefined;
    const labels = [...new Set([...row.labels, ...options.labels])];
    await takeLabels(tx, { projectId, name, labels });
    const [updated] = await tx
      .update(promptVersions)
      .set({ labels, updatedAt: sql`now()` })
      .where(
        and(
          eq(promptVersions.projectId, projectId),
          eq(promptVersions.name, name),
          eq(promptVersions.version, version),
        ),
      )
      .returning();
    return updated && { ...updated, type: row.type, tags: row.tags };
  });
}
