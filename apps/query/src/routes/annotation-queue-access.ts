import { findAnnotationQueue, type AnnotationQueueRow, type Database } from "@xtrace/db";
import { AppError } from "@xtrace/runtime";

/** A queue of the key's project. Throws NOT_FOUND. */
export async function queueOf(db: Database, projectId: string, id: string): Promise<AnnotationQueueRow> {
  const queue = await findAnnotationQueue(db, { projectId, id });
  if (!queue) throw queueNotFound();
  return queue;
}

export function queueNotFound(): AppError {
  return new AppError("NOT_FOUND", "Annotation queue not found");
}
