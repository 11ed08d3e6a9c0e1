import { LATEST_LABEL } from "@xtrace/contract";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { promptReferences, prompts, promptVersions } from "../schema/prompts.ts";
import { lockPrompt } from "./lock-prompt.ts";
import { RefusedPromptError } from "./refused-prompt-error.ts";

type Version = { readonly version: number; readonly labels: readonly string[] };

/** Which versions of a prompt; all of them when neither is given. */
export type PromptVersionChoice = {
  readonly projectId: string;
  readonly name: string;
  readonly version?: number | undefined;
  readonly label?: string | undefined;
};

/**
 * Deletes versions of a prompt and says how many. `latest` goes to the newest one that is left.
 * Throws RefusedPromptError while another prompt refers to one of them, and nothing would be left that it could mean.
 */
export async function deletePromptVersions(db: Database, choice: PromptVersionChoice): Promise<number> {
  const { projectId, name } = choice;
  return await db.transaction(async (tx) => {
    if (!(await lockPrompt(tx, { projectId, name }))) return 0;
    const all = await listVersions(tx, choice);
    const doomed = all.filter((version) => isChosen(version, choice));
    if (doomed.length === 0) return 0;
    const left = all.filter((version) => !doomed.includes(version));
    await refuseWhileNeeded(tx, choice, doomed, left);
    if (left.length === 0) {
      await tx.delete(prompts).where(and(eq(prompts.projectId, projectId), eq(prompts.name, name)));
      return doomed.length;
    }
    await tx.delete(promptVersions).where(theVersions(choice, doomed));
    await giveLatestTo(tx, choice, left);
    return doomed.length;
  });
}

async function listVersions(tx: Database, { projectId, name }: PromptVersionChoice): Promise<Version[]> {
  return await tx
    .select({ version: promptVersions.version, labels: promptVersions.labels })
    .from(promptVersions)
    .where(and(eq(promptVersions.projectId, projectId), eq(promptVersions.name, name)));
}

function isChosen({ version, labels }: Version, choice: PromptVersionChoice): boolean {
  return (
    (choice.version === undefined || choice.version === version) &&
    (choice.label === undefined || labels.includes(choice.label))
  );
}

function theVersions({ projectId, name }: PromptVersionChoice, versions: readonly Version[]) {
  return and(
    eq(promptVersions.projectId, projectId),
    eq(promptVersions.name, name),
    inArray(
      promptVersions.version,
      versions.map(({ version }) => version),
    ),
  );
}

async function refuseWhileNeeded(
  tx: Database,
  { projectId, name }: PromptVersionChoice,
  doomed: readonly Version[],
  left: readonly Version[],
): Promise<void> {
  const references = await tx
    .select()
    .from(promptReferences)
    .where(and(eq(promptReferences.projectId, projectId), eq(promptReferences.childName, name)));
  const isMeant = (one: Version, { childVersion, childLabel }: (typeof references)[number]) =>
    childLabel === null ? one.version === childVersion : one.labels.includes(childLabel);
  const broken = references.filter(
    (reference) => doomed.some((one) => isMeant(one, reference)) && !left.some((one) => isMeant(one, reference)),
  );
  if (broken.length === 0) return;
  const lines = broken.map(
    (reference) =>
      `${reference.name} v${reference.version} depends on ${name} ${
        reference.childLabel ?? `v${reference.childVersion}`
      }`,
  );
  throw new RefusedPromptError(
    `Other prompts are depending on prompt versions you are trying to delete:\n\n${lines.join("\n")}\n\nPlease delete the dependent prompts first.`,
  );
}

async function giveLatestTo(tx: Database, choice: PromptVersionChoice, left: readonly Version[]): Promise<void> {
  if (left.some(({ labels }) => labels.includes(LATEST_LABEL))) return;
  const newest = left.reduce((a, b) => (a.version > b.version ? a : b));
  await tx
    .update(promptVersions)
    .set({ labels: [...newest.labels, LATEST_LABEL], updatedAt: sql`now()` })
    .where(theVersions(choice, [newest]));
}
