import type { ScoreCategory, ScoreConfigDataType } from "@xtrace/contract";
import { boolean, doublePrecision, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { id, jsonbOf, writtenAt } from "./column-types.ts";

/** One row a definition of what scores of a name may be. Scores name it by its id, which need not exist; where it does, they are held to it. */
export const scoreConfigs = pgTable(
  "score_configs",
  {
    projectId: id("project_id").notNull(),
    id: id("id").notNull(),
    name: text("name").notNull(),
    dataType: text("data_type").$type<ScoreConfigDataType>().notNull(),
    isArchived: boolean("is_archived").notNull().default(false),
    minValue: doublePrecision("min_value"),
    maxValue: doublePrecision("max_value"),
    categories: jsonbOf<ScoreCategory[]>("categories"),
    description: text("description"),
    ...writtenAt,
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    index("score_configs_project_created_idx").on(t.projectId, t.createdAt, t.id),
  ],
);
