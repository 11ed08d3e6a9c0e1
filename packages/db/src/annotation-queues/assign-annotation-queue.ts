import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { annotationQueueAssignments } from "../schema/annotation-queues.ts";

export type QueueAssignmentRow = { readonly projectId: string; readonly queueId: string; readonly userId: string };

/** The queue must exist. Assigning twice is harmless. */
export async function assignAnnotationQueue(db: Database, assignment: QueueAssignmentRow): Promise<void> {
  await db.insert(annotationQueueAssignments).values(assignment).onConflictDoNothing();
}

/** Harmless where there is none. */
export async function unassignAnnotationQueue(db: Database, assignment: QueueAssignmentRow): Promise<void> {
  const { projectId, queueId, userId } = assignment;
  await db
    .delete(annotationQueueAssignments)
    .where(
      and(
        eq(annotationQueueAssignments.projectId, projectId),
        eq(annotationQueueAssignments.queueId, queueId),
        eq(annotationQueueAssignments.userId, userId),
      ),
    );
}
