import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { annotationQueues } from "../schema/annotation-queues.ts";

/** Deletes a queue with its items and assignments; false when there is none. */
export async function deleteAnnotationQueue(
  db: Database,
  { projectId, id }: { readonly projectId: string; readonly id: string },
): Promise<boolean> {
  const deleted = await db
    .delete(annotationQueues)
    .where(and(eq(annotationQueues.projectId, projectId), eq(annotationQueues.id, id)))
    .returning({ id: annotationQueues.id });
  return deleted.length > 0;
}
