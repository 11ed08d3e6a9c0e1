import { getTableColumns } from "drizzle-orm";
import { prompts, promptVersions } from "../schema/prompts.ts";

/** A version with what it shares with its siblings. */
export const promptColumns = { ...getTableColumns(promptVersions), type: prompts.type, tags: prompts.tags };

export type PromptRow = typeof promptVersions.$inferSelect & Pick<typeof prompts.$inferSelect, "type" | "tags">;
