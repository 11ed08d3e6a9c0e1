import type { JsonValue, ModelUnit, PricingTier } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import { pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { id, jsonbOf, timestampUs } from "./column-types.ts";

/** A project's own models and what they cost. The built-in ones are in built-in-models.json. */
export const models = pgTable(
  "models",
  {
    projectId: id("project_id").notNull(),
    id: id("id").notNull(),
    modelName: text("model_name").notNull(),
    /** See match-pattern.ts. */
    matchPattern: text("match_pattern").notNull(),
    startDate: timestampUs("start_date"),
    unit: text("unit").$type<ModelUnit>().notNull(),
    tokenizerId: text("tokenizer_id"),
    tokenizerConfig: jsonbOf<JsonValue>("tokenizer_config"),
    pricingTiers: jsonbOf<PricingTier[]>("pricing_tiers").notNull(),
    createdAt: timestampUs("created_at")
      .notNull()
      .default(sql`now()`),
    /** By the clock, not the transaction, so that who looks for changes sees each: see read-model-changes.ts. */
    updatedAt: timestampUs("updated_at")
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    uniqueIndex("models_project_name_idx").on(t.projectId, t.modelName),
  ],
);
