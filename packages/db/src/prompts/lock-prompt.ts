import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { prompts } from "../schema/prompts.ts";

/** Holds off everybody else who changes the prompt until the transaction ends; `undefined` when there is none. */
export async function lockPrompt(tx: Database, { projectId, name }: { projectId: string; name: string }) {
  const [row] = await tx
    .select({ type: prompts.type, tags: prompts.tags })
    .from(prompts)
    .where(and(eq(prompts.projectId, projectId), eq(prompts.name, name)))
    .for("update");
  return row;
}
