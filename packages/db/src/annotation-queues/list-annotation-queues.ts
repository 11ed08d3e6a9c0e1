import { and, count, desc, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { annotationQueues } from "../schema/annotation-queues.ts";
import type { AnnotationQueueRow } from "./create-annotation-queue.ts";

/** Newest first. */
export async function listAnnotationQueues(
  db: Database,
  { projectId, limit, offset }: { readonly projectId: string; readonly limit: number; readonly offset: number },
): Promise<AnnotationQueueRow[]> {
  return await db
    .select()
    .from(annotationQueues)
    .where(eq(annotationQueues.projectId, projectId))
    .orderBy(desc(annotationQueues.createdAt), desc(annotationQueues.id))
    .limit(limit)
    .offset(offset);
}

export async function countAnnotationQueues(db: Database, projectId: string): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(annotationQueues)
    .where(eq(annotationQueues.projectId, projectId));
  return row?.count ?? 0;
}

export async function findAnnotationQueue(
  db: Database,
  { projectId, id }: { readonly projectId: string; readonly id: string },
): Promise<AnnotationQueueRow | undefined> {
  const [row] = await db
    .select()
    .from(annotationQueues)
    .where(and(eq(annotationQueues.projectId, projectId), eq(annotationQueues.id, id)));
  return row;
}
