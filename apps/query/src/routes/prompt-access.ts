import { PRODUCTION_LABEL, type CreatePrompt, type Prompt } from "@xtrace/contract";
import {
  getPrompt,
  RefusedPromptError,
  resolveStoredPrompt,
  type Database,
  type NewPrompt,
  type PromptReference,
} from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { presentPrompt, presentResolvedPrompt } from "../present/prompt.ts";

/** A version number, or else a label, or else the label `production`. */
export function referenceOf(
  name: string,
  { version, label = PRODUCTION_LABEL }: { readonly version?: number | undefined; readonly label?: string | undefined },
): PromptReference {
  return version === undefined ? { name, label } : { name, version };
}

/** A version with all that it refers to put in, unless `resolve` is false. */
export async function findPrompt(
  db: Database,
  query: { readonly projectId: string; readonly reference: PromptReference; readonly resolve: boolean },
): Promise<Prompt | undefined> {
  const { projectId, reference, resolve } = query;
  const row = await getPrompt(db, { projectId, reference });
  if (!row) return undefined;
  if (!resolve) return { ...presentPrompt(row), resolutionGraph: null };
  const resolved = await orRefuse(() => resolveStoredPrompt(db, { projectId, root: row }));
  return presentResolvedPrompt(row, resolved);
}

/** What to store for a version that a caller made. */
export function newPromptOf(
  { type = "text", config, tags, commitMessage, ...rest }: CreatePrompt,
  projectId: string,
): NewPrompt {
  return {
    ...rest,
    type,
    config: config ?? {},
    tags: tags ?? undefined,
    commitMessage: commitMessage ?? null,
    projectId,
    createdBy: "API",
  };
}

/** Tells the caller why a prompt was refused. */
export async function orRefuse<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof RefusedPromptError) throw new AppError("BAD_REQUEST", cause.message, { cause });
    throw cause;
  }
}
