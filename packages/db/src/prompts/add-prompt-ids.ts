import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { promptVersions } from "../schema/prompts.ts";

/** What an observation says of the prompt that it used; its version as it was sent. */
export type PromptLink = {
  promptId: string | null;
  readonly promptName: string | null;
  readonly promptVersion: string | null;
};

/** Versions are whole numbers that fit PostgreSQL's integer. */
const VERSION = /^[1-9]\d{0,8}$/;

/** Gives observations that name a prompt its id, where the prompt is here and the sender did not say it. */
export async function addPromptIds(
  db: Database,
  projectId: string,
  observations: readonly PromptLink[],
): Promise<void> {
  const wanted = new Map<string, { name: string; version: number }>();
  for (const link of observations) {
    const key = keyOf(link);
    if (key !== undefined) wanted.set(key, { name: link.promptName ?? "", version: Number(link.promptVersion) });
  }
  if (wanted.size === 0) return;
  const { id, name, version } = promptVersions;
  const pairs = [...wanted.values()];
  const names = sql.param(pairs.map((pair) => pair.name));
  const versions = sql.param(pairs.map((pair) => pair.version));
  const rows = await db
    .select({ id, name, version })
    .from(promptVersions)
    .where(
      and(
        eq(promptVersions.projectId, projectId),
        sql`(${name}, ${version}) in (select * from unnest(${names}::text[], ${versions}::int[]))`,
      ),
    );
  const ids = new Map(rows.map((row) => [JSON.stringify([row.name, String(row.version)]), row.id]));
  for (const link of observations) {
    const key = keyOf(link);
    if (key !== undefined) link.promptId = ids.get(key) ?? null;
  }
}

/** `undefined` where there is nothing to look for. */
function keyOf({ promptId, promptName, promptVersion }: PromptLink): string | undefined {
  if (promptId !== null || promptName === null || promptVersion === null) return undefined;
  return VERSION.test(promptVersion) ? JSON.stringify([promptName, promptVersion]) : undefined;
}
