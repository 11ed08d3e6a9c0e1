import type { PromptContent, PromptType } from "@xtrace/contract";
import { foreignKey, index, integer, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { id, jsonOf, jsonText, writtenAt } from "./column-types.ts";

/** What all versions of a prompt share. Its row is locked by whoever changes versions or labels, so that these are done one at a time. */
export const prompts = pgTable(
  "prompts",
  {
    projectId: id("project_id").notNull(),
    name: id("name").notNull(),
    type: text("type").$type<PromptType>().notNull(),
    tags: text("tags").array().notNull(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.name] })],
);

/** A version never changes but for its labels. A label is on one version of a prompt at most. */
export const promptVersions = pgTable(
  "prompt_versions",
  {
    projectId: id("project_id").notNull(),
    name: id("name").notNull(),
    version: integer("version").notNull(),
    id: id("id").notNull(),
    prompt: jsonOf<PromptContent>("prompt").notNull(),
    config: jsonText("config").notNull(),
    labels: text("labels").array().notNull(),
    commitMessage: text("commit_message"),
    createdBy: text("created_by").notNull(),
    ...writtenAt,
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.name, t.version] }),
    foreignKey({
      name: "prompt_versions_prompt_fk",
      columns: [t.projectId, t.name],
      foreignColumns: [prompts.projectId, prompts.name],
    }).onDelete("cascade"),
    uniqueIndex("prompt_versions_project_id_idx").on(t.projectId, t.id),
  ],
);

/** Which prompts a version refers to, by version or by label: so that none is deleted that another needs. */
export const promptReferences = pgTable(
  "prompt_references",
  {
    projectId: id("project_id").notNull(),
    name: id("name").notNull(),
    version: integer("version").notNull(),
    childName: id("child_name").notNull(),
    childVersion: integer("child_version"),
    childLabel: text("child_label"),
  },
  (t) => [
    index("prompt_references_project_child_idx").on(t.projectId, t.childName),
    index("prompt_references_project_parent_idx").on(t.projectId, t.name, t.version),
    foreignKey({
      name: "prompt_references_version_fk",
      columns: [t.projectId, t.name, t.version],
      foreignColumns: [promptVersions.projectId, promptVersions.name, promptVersions.version],
    }).onDelete("cascade"),
  ],
);
