import { sql } from "drizzle-orm";
import { doublePrecision, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { id, jsonbOf, timestampUs } from "./column-types.ts";

/** One row a sample of a time series; a series is a name, an environment and a set of labels. */
export const metrics = pgTable(
  "metrics",
  {
    projectId: id("project_id").notNull(),
    /** Made from the request's bytes and the point's place in it, so that a replay stores nothing twice. */
    id: uuid("id").notNull(),
    environment: text("environment").notNull(),
    name: text("name").notNull(),
    labels: jsonbOf<Record<string, string>>("labels").notNull(),
    /** Of `metric_series`. A worker of an earlier version told none. */
    series: uuid("series"),
    value: doublePrecision("value").notNull(),
    timestamp: timestampUs("timestamp").notNull(),
    createdAt: timestampUs("created_at")
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    index("metrics_project_name_timestamp_idx").on(t.projectId, t.name, t.timestamp),
    // Ends with the value, so that nothing but the index is read.
    index("metrics_series_idx")
      .on(t.series, t.timestamp, t.value)
      .where(sql`${t.series} is not null`),
    index("metrics_untold_idx")
      .on(t.projectId, t.name, t.timestamp)
      .where(sql`${t.series} is null`),
    index("metrics_labels_idx").using("gin", t.labels.op("jsonb_path_ops")),
  ],
);

/** One row a series of the project. The writer adds it with the series' first point. */
export const metricSeries = pgTable(
  "metric_series",
  {
    projectId: id("project_id").notNull(),
    name: text("name").notNull(),
    /** A hash of the other columns; see seriesId. */
    series: uuid("series").notNull(),
    environment: text("environment").notNull(),
    labels: jsonbOf<Record<string, string>>("labels").notNull(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.name, t.series] })],
);
