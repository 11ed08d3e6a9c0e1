import { PROMPT_LIMITS, type PromptContent } from "@xtrace/contract";
import { and, eq, inArray, or, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { promptVersions } from "../schema/prompts.ts";
import { keyOf, referencesIn, type PromptReference } from "./prompt-tags.ts";
import { RefusedPromptError } from "./refused-prompt-error.ts";
import { resolvePrompt, type GraphPrompt, type ResolvedPrompt } from "./resolve-prompt.ts";

/**
 * Reads all that a prompt refers to, one query a level, and puts it together; see resolvePrompt.
 * `root` need not be stored yet.
 */
export async function resolveStoredPrompt(
  db: Database,
  options: { readonly projectId: string; readonly root: GraphPrompt },
): Promise<ResolvedPrompt> {
  const { projectId, root } = options;
  const found = new Map<string, GraphPrompt | undefined>();
  let wanted = newReferences([root.prompt], found);
  for (let level = 1; level <= PROMPT_LIMITS.maxDepth && wanted.length > 0; level++) {
    if (found.size + wanted.length > PROMPT_LIMITS.maxReferences) {
      throw new RefusedPromptError(`Prompt refers to more than ${PROMPT_LIMITS.maxReferences} others`);
    }
    const candidates = await listCandidates(db, projectId, wanted);
    const matches = wanted.map((reference) => candidates.find((candidate) => isMeant(candidate, reference)));
    for (const [index, reference] of wanted.entries()) found.set(keyOf(reference), matches[index]);
    wanted = newReferences(
      matches.flatMap((match) => (match ? [match.prompt] : [])),
      found,
    );
  }
  return resolvePrompt(root, (reference) => found.get(keyOf(reference)));
}

function newReferences(contents: readonly PromptContent[], found: ReadonlyMap<string, unknown>): PromptReference[] {
  const fresh = new Map(contents.flatMap(referencesIn).map((reference) => [keyOf(reference), reference] as const));
  return [...fresh].filter(([key]) => !found.has(key)).map(([, reference]) => reference);
}

type Candidate = GraphPrompt & { readonly labels: readonly string[] };

/** Some of them may be versions that nobody meant. */
async function listCandidates(
  db: Database,
  projectId: string,
  wanted: readonly PromptReference[],
): Promise<Candidate[]> {
  const versions = wanted.flatMap(({ version }) => version ?? []);
  const labels = wanted.flatMap(({ label }) => label ?? []);
  return await db
    .select({
      id: promptVersions.id,
      name: promptVersions.name,
      version: promptVersions.version,
      prompt: promptVersions.prompt,
      labels: promptVersions.labels,
    })
    .from(promptVersions)
    .where(
      and(
        eq(promptVersions.projectId, projectId),
        inArray(promptVersions.name, [...new Set(wanted.map(({ name }) => name))]),
        or(
          versions.length > 0 ? inArray(promptVersions.version, versions) : undefined,
          labels.length > 0 ? sql`${promptVersions.labels} && ${sql.param(labels)}::text[]` : undefined,
        ),
      ),
    );
}

function isMeant(candidate: Candidate, { name, version, label }: PromptReference): boolean {
  if (candidate.name !== name) return false;
  return version === undefined ? candidate.labels.includes(label) : candidate.version === version;
}
