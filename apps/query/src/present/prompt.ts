import { PRODUCTION_LABEL, type Prompt, type PromptMeta } from "@xtrace/contract";
import type { PromptRow, PromptSummary, ResolvedPrompt } from "@xtrace/db";
import { wireTime } from "./wire-time.ts";

export function presentPrompt(row: PromptRow): Prompt {
  return { ...row, createdAt: wireTime(row.createdAt), updatedAt: wireTime(row.updatedAt) };
}

/** With what it was put together from. */
export function presentResolvedPrompt(row: PromptRow, { prompt, graph }: ResolvedPrompt): Prompt {
  return { ...presentPrompt(row), prompt, resolutionGraph: graph };
}

/** As it was shown before there were labels. */
export function presentLegacyPrompt(prompt: Prompt): Prompt & { isActive: boolean } {
  return { ...prompt, isActive: prompt.labels.includes(PRODUCTION_LABEL) };
}

export function presentPromptMeta({ updatedAt, config, ...summary }: PromptSummary): PromptMeta {
  return { ...summary, lastUpdatedAt: wireTime(updatedAt), lastConfig: config };
}
