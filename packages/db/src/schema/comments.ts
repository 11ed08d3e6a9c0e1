import type { CommentObjectType } from "@xtrace/contract";
import { index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { id, writtenAt } from "./column-types.ts";

/** One row a comment. Its object is named by value, as the object's own id. */
export const comments = pgTable(
  "comments",
  {
    projectId: id("project_id").notNull(),
    id: id("id").notNull(),
    objectType: text("object_type").$type<CommentObjectType>().notNull(),
    objectId: id("object_id").notNull(),
    content: text("content").notNull(),
    authorUserId: text("author_user_id"),
    ...writtenAt,
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    index("comments_project_created_idx").on(t.projectId, t.createdAt, t.id),
    index("comments_project_object_idx").on(t.projectId, t.objectType, t.objectId, t.createdAt, t.id),
  ],
);
