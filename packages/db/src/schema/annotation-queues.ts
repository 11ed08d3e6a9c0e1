import type { QueueItemStatus, QueueObjectType } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import { foreignKey, index, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { id, timestampUs, writtenByClock } from "./column-types.ts";

const now = sql`clock_timestamp()`;

export const annotationQueues = pgTable(
  "annotation_queues",
  {
    projectId: id("project_id").notNull(),
    id: id("id").notNull(),
    name: text("name").notNull(),
    description: text("description"),
    scoreConfigIds: text("score_config_ids").array().notNull(),
    ...writtenByClock,
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    uniqueIndex("annotation_queues_project_name_idx").on(t.projectId, t.name),
  ],
);

/** What is to be judged is named by its id, and may come later. */
export const annotationQueueItems = pgTable(
  "annotation_queue_items",
  {
    projectId: id("project_id").notNull(),
    id: id("id").notNull(),
    queueId: id("queue_id").notNull(),
    objectId: id("object_id").notNull(),
    objectType: text("object_type").$type<QueueObjectType>().notNull(),
    status: text("status").$type<QueueItemStatus>().notNull(),
    completedAt: timestampUs("completed_at"),
    ...writtenByClock,
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      name: "annotation_queue_items_queue_fk",
      columns: [t.projectId, t.queueId],
      foreignColumns: [annotationQueues.projectId, annotationQueues.id],
    }).onDelete("cascade"),
    index("annotation_queue_items_project_queue_idx").on(t.projectId, t.queueId, t.createdAt, t.id),
  ],
);

/** Who is to judge. There are no users here, so an id is all that is known of one. */
export const annotationQueueAssignments = pgTable(
  "annotation_queue_assignments",
  {
    projectId: id("project_id").notNull(),
    queueId: id("queue_id").notNull(),
    userId: id("user_id").notNull(),
    createdAt: timestampUs("created_at").notNull().default(now),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.queueId, t.userId] }),
    foreignKey({
      name: "annotation_queue_assignments_queue_fk",
      columns: [t.projectId, t.queueId],
      foreignColumns: [annotationQueues.projectId, annotationQueues.id],
    }).onDelete("cascade"),
  ],
);
