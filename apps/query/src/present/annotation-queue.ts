import type { AnnotationQueue, AnnotationQueueItem } from "@xtrace/contract";
import type { AnnotationQueueItemRow, AnnotationQueueRow } from "@xtrace/db";
import { wireTime, wireTimeOrNull } from "./wire-time.ts";

export function presentAnnotationQueue({ projectId, ...row }: AnnotationQueueRow): AnnotationQueue {
  return { ...row, createdAt: wireTime(row.createdAt), updatedAt: wireTime(row.updatedAt) };
}

export function presentAnnotationQueueItem({ projectId, ...row }: AnnotationQueueItemRow): AnnotationQueueItem {
  return {
    ...row,
    completedAt: wireTimeOrNull(row.completedAt),
    createdAt: wireTime(row.createdAt),
    updatedAt: wireTime(row.updatedAt),
  };
}
