import { sql } from "drizzle-orm";
import { doublePrecision, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { id, jsonbOf, timestampUs } from "./column-types.ts";

/** One row a sample of a time series; a series is a name and a set of labels. */
export const metrics = pgTable(
  "metrics",
  {
    projectId: id("project_id").notNull(),
    /** Made from the request's bytes and the point's place in it, so that a replay stores nothing twice. */
    id: uuid("id").notNull(),
    environment: text("environment").notNull(),
    name: text("name").notNull(),
    labels: jsonbOf<Record<string, string>>("labels").notNull(),
    value: doublePrecision("value").notNull(),
    timestamp: timestampUs("timestamp").notNull(),
    createdAt: timestampUs("created_at")
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    index("metrics_project_name_timestamp_idx").on(t.projectId, t.name, t.timestamp),
    index("metrics_labels_idx").using("gin", t.labels.op("jsonb_path_ops")),
  ],
);
