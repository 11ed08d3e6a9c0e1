import { randomUUID } from "node:crypto";
import type { Database } from "../client.ts";
import { annotationQueues } from "../schema/annotation-queues.ts";

export type AnnotationQueueRow = typeof annotationQueues.$inferSelect;

/** `undefined` when there is one of that name. */
export async function createAnnotationQueue(
  db: Database,
  options: {
    readonly projectId: string;
    readonly name: string;
    readonly description: string | null;
    readonly scoreConfigIds: readonly string[];
  },
): Promise<AnnotationQueueRow | undefined> {
  const [row] = await db
    .insert(annotationQueues)
    .values({ ...options, scoreConfigIds: [...options.scoreConfigIds], id: randomUUID() })
    .onConflictDoNothing()
    .returning();
  return row;
}
