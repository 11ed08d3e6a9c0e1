import { PROMPT_LIMITS, type PromptContent, type PromptGraph } from "@xtrace/contract";
import { describeReference, keyOf, referencesIn, replaceReferences, type PromptReference } from "./prompt-tags.ts";
import { RefusedPromptError } from "./refused-prompt-error.ts";

export type GraphPrompt = {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly prompt: PromptContent;
};

export type ResolvedPrompt = {
  readonly prompt: PromptContent;
  /** `null` where the prompt refers to no other. */
  readonly graph: PromptGraph | null;
};

type Resolved = { readonly content: PromptContent; readonly height: number };

/**
 * Puts a prompt together from those it refers to, and those from theirs.
 *
 * Each prompt is resolved once, however often it is named, and what comes out is bounded: ten prompts that name each
 * other ten times would otherwise be a gigabyte. Throws RefusedPromptError for a reference to nothing or to a chat, for a
 * circle, and beyond PROMPT_LIMITS. Two versions of one name are a circle too, as in Langfuse.
 */
export function resolvePrompt(
  root: GraphPrompt,
  find: (reference: PromptReference) => GraphPrompt | undefined,
): ResolvedPrompt {
  const dependencies: Record<string, PromptGraph["root"][]> = {};
  const done = new Map<string, Resolved>();
  const open = new Set<string>();

  function resolve(current: GraphPrompt, level: number): Resolved {
    const known = done.get(current.id);
    if (level + (known?.height ?? 0) >= PROMPT_LIMITS.maxDepth) {
      throw new RefusedPromptError(`Maximum nesting depth exceeded (${PROMPT_LIMITS.maxDepth})`);
    }
    if (known) return known;
    if (open.has(current.id) || (current.name === root.name && current.id !== root.id)) {
      throw new RefusedPromptError(
        `Circular dependency detected involving prompt '${current.name}' version ${current.version}`,
      );
    }
    open.add(current.id);
    const resolved = resolveParts(current, level);
    open.delete(current.id);
    done.set(current.id, resolved);
    return resolved;
  }

  function resolveParts(current: GraphPrompt, level: number): Resolved {
    const references = referencesIn(current.prompt);
    if (references.length === 0) return { content: current.prompt, height: 0 };
    let height = 0;
    const parts = new Map<string, string>();
    for (const reference of references) {
      const child = find(reference);
      if (!child) throw new RefusedPromptError(`Prompt dependency not found: ${describeReference(reference)}`);
      const { content, height: below } = resolve(child, level + 1);
      if (typeof content !== "string") {
        throw new RefusedPromptError(`Prompt dependency is not a text prompt: ${describeReference(reference)}`);
      }
      height = Math.max(height, below + 1);
      parts.set(keyOf(reference), content);
      (dependencies[current.id] ??= []).push({ id: child.id, name: child.name, version: child.version });
    }
    const budget = createBudget();
    const content = replaceReferences(current.prompt, (reference) => budget.spend(parts.get(keyOf(reference)) ?? ""));
    return { content, height };
  }

  const { content } = resolve(root, 0);
  const { id, name, version } = root;
  return { prompt: content, graph: done.size > 1 ? { root: { name, version, id }, dependencies } : null };
}

/** Counts before the text is built. */
function createBudget() {
  let left: number = PROMPT_LIMITS.maxResolvedLength;
  return {
    spend(text: string): string {
      left -= text.length;
      if (left >= 0) return text;
      throw new RefusedPromptError(`Prompt is longer than ${PROMPT_LIMITS.maxResolvedLength} with all it refers to`);
    },
  };
}
