import type { JsonValue, PromptType } from "@xtrace/contract";
import { and, asc, countDistinct, eq, gte, lt, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { prompts, promptVersions } from "../schema/prompts.ts";
import { readTimestamp } from "../schema/read-timestamp.ts";

/** Which versions count; times in Unix epoch microseconds. */
export type PromptFilter = {
  readonly projectId: string;
  readonly name?: string | undefined;
  readonly label?: string | undefined;
  readonly tag?: string | undefined;
  readonly fromUpdatedUs?: number | undefined;
  readonly toUpdatedUs?: number | undefined;
};

export type PromptSummary = {
  readonly name: string;
  readonly type: PromptType;
  readonly tags: string[];
  readonly versions: number[];
  readonly labels: string[];
  /** Unix epoch microseconds. */
  readonly updatedAt: number;
  /** Of the newest of the versions. */
  readonly config: JsonValue;
};

/** Prompts by name, each with what its matching versions say together. */
export async function listPrompts(
  db: Database,
  options: { readonly filter: PromptFilter; readonly limit: number; readonly offset: number },
): Promise<PromptSummary[]> {
  const { filter, limit, offset } = options;
  return await db
    .select({
      name: prompts.name,
      type: prompts.type,
      tags: prompts.tags,
      versions: sql<number[]>`array_agg(distinct ${promptVersions.version})`,
      labels: sql<string[]>`coalesce(array_agg(distinct label) filter (where label is not null), '{}')`,
      updatedAt: sql<number>`max(${promptVersions.updatedAt})`.mapWith(readTimestamp),
      config: sql<JsonValue>`(array_agg(${promptVersions.config} order by ${promptVersions.version} desc))[1]`,
    })
    .from(promptVersions)
    .innerJoin(prompts, isVersionOf)
    .leftJoin(sql`lateral unnest(${promptVersions.labels}) as labelled (label)`, sql`true`)
    .where(conditionOf(filter))
    .groupBy(prompts.name, prompts.type, prompts.tags)
    .orderBy(asc(prompts.name))
    .limit(limit)
    .offset(offset);
}

export async function countPrompts(db: Database, filter: PromptFilter): Promise<number> {
  const [row] = await db
    .select({ count: countDistinct(promptVersions.name) })
    .from(promptVersions)
    .innerJoin(prompts, isVersionOf)
    .where(conditionOf(filter));
  return row?.count ?? 0;
}

const isVersionOf = and(eq(prompts.projectId, promptVersions.projectId), eq(prompts.name, promptVersions.name));

function conditionOf({ projectId, name, label, tag, fromUpdatedUs, toUpdatedUs }: PromptFilter) {
  return and(
    eq(promptVersions.projectId, projectId),
    name === undefined ? undefined : eq(promptVersions.name, name),
    label === undefined ? undefined : sql`${label} = any(${promptVersions.labels})`,
    tag === undefined ? undefined : sql`${tag} = any(${prompts.tags})`,
    fromUpdatedUs === undefined ? undefined : gte(promptVersions.updatedAt, fromUpdatedUs),
    toUpdatedUs === undefined ? undefined : lt(promptVersions.updatedAt, toUpdatedUs),
  );
}
