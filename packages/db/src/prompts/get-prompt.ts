import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { prompts, promptVersions } from "../schema/prompts.ts";
import { promptColumns, type PromptRow } from "./prompt-columns.ts";
import type { PromptReference } from "./prompt-tags.ts";

/** Whether `id` is that of a version of one of the project's prompts. */
export async function isPromptVersion(
  db: Database,
  { projectId, id }: { readonly projectId: string; readonly id: string },
): Promise<boolean> {
  return (await db.$count(promptVersions, and(eq(promptVersions.projectId, projectId), eq(promptVersions.id, id)))) > 0;
}

/** A version of a prompt, by its number or by a label, as it was written: what it refers to is not put in. */
export async function getPrompt(
  db: Database,
  query: { readonly projectId: string; readonly reference: PromptReference },
): Promise<PromptRow | undefined> {
  const { projectId, reference } = query;
  const [row] = await db
    .select(promptColumns)
    .from(promptVersions)
    .innerJoin(prompts, and(eq(prompts.projectId, promptVersions.projectId), eq(prompts.name, promptVersions.name)))
    .where(
      and(
        eq(promptVersions.projectId, projectId),
        eq(promptVersions.name, reference.name),
        reference.version === undefined
          ? sql`${reference.label} = any(${promptVersions.labels})`
          : eq(promptVersions.version, reference.version),
      ),
    );
  return row;
}
