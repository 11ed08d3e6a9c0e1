import { randomUUID } from "node:crypto";
import { LATEST_LABEL, type JsonValue, type PromptContent, type PromptType } from "@xtrace/contract";
import { and, eq, max, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { promptReferences, prompts, promptVersions } from "../schema/prompts.ts";
import type { PromptRow } from "./prompt-columns.ts";
import { referencesIn } from "./prompt-tags.ts";
import { RefusedPromptError } from "./refused-prompt-error.ts";
import { resolveStoredPrompt } from "./resolve-stored-prompt.ts";
import { takeLabels } from "./take-labels.ts";

export type NewPrompt = {
  readonly projectId: string;
  readonly name: string;
  readonly type: PromptType;
  readonly prompt: PromptContent;
  readonly config: JsonValue;
  readonly labels: readonly string[];
  /** Of all versions from now on; `undefined` leaves them as they are. */
  readonly tags?: readonly string[] | undefined;
  readonly commitMessage: string | null;
  readonly createdBy: string;
};

/**
 * Adds a version to a prompt, which may be new. The version takes its labels, and `latest`, from those before it.
 *
 * Several at once come one after the other. Throws RefusedPromptError where the versions before are of another
 * type, or where what it refers to cannot be put together.
 */
export async function createPrompt(db: Database, created: NewPrompt): Promise<PromptRow> {
  const { projectId, name, type, prompt, config, commitMessage, createdBy } = created;
  return await db.transaction(async (tx) => {
    const shared = await lockOrInsert(tx, created);
    if (shared.type !== type) {
      throw new RefusedPromptError(
        "Previous versions have different prompt type. Create a new prompt with a different name.",
      );
    }
    const version = await nextVersion(tx, created);
    const id = randomUUID();
    await resolveStoredPrompt(tx, { projectId, root: { id, name, version, prompt } });
    const labels = [...new Set([...created.labels, LATEST_LABEL])];
    await takeLabels(tx, { projectId, name, labels });
    const [row] = await tx
      .insert(promptVersions)
      .values({ projectId, name, version, id, prompt, config, labels, commitMessage, createdBy })
      .returning();
    if (!row) throw new Error("an insert returned no row");
    const references = referencesIn(prompt).map((reference) => ({
      projectId,
      name,
      version,
      childName: reference.name,
      childVersion: reference.version ?? null,
      childLabel: reference.label ?? null,
    }));
    if (references.length > 0) await tx.insert(promptReferences).values(references);
    return { ...row, ...shared };
  });
}

/** The update writes nothing new where no tags are given, but locks the row. */
async function lockOrInsert(tx: Database, { projectId, name, type, tags }: NewPrompt) {
  const given = tags && [...new Set(tags)];
  const [row] = await tx
    .insert(prompts)
    .values({ projectId, name, type, tags: given ?? [] })
    .onConflictDoUpdate({
      target: [prompts.projectId, prompts.name],
      set: { tags: given ?? sql`${prompts.tags}` },
    })
    .returning({ type: prompts.type, tags: prompts.tags });
  if (!row) throw new Error("an upsert returned no row");
  return row;
}

async function nextVersion(tx: Database, { projectId, name }: NewPrompt): Promise<number> {
  const [row] = await tx
    .select({ newest: max(promptVersions.version) })
    .from(promptVersions)
    .where(and(eq(promptVersions.projectId, projectId), eq(promptVersions.name, name)));
  return (row?.newest ?? 0) + 1;
}
