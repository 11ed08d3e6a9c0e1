import { randomUUID } from "node:crypto";
import type { QueueItemStatus, QueueObjectType } from "@xtrace/contract";
import { and, count, desc, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { annotationQueueItems } from "../schema/annotation-queues.ts";

export type AnnotationQueueItemRow = typeof annotationQueueItems.$inferSelect;

/** One item, of one queue. */
export type QueueItemChoice = { readonly projectId: string; readonly queueId: string; readonly id: string };

export type QueueItemFilter = {
  readonly projectId: string;
  readonly queueId: string;
  readonly status?: QueueItemStatus | undefined;
};

/** The queue must exist. */
export async function addAnnotationQueueItem(
  db: Database,
  options: {
    readonly projectId: string;
    readonly queueId: string;
    readonly objectId: string;
    readonly objectType: QueueObjectType;
    readonly status: QueueItemStatus;
  },
): Promise<AnnotationQueueItemRow> {
  const [row] = await db
    .insert(annotationQueueItems)
    .values({ ...options, id: randomUUID(), completedAt: completion(options.status) })
    .returning();
  if (!row) throw new Error("an insert returned no row");
  return row;
}

/** `undefined` when there is none. An item is completed when it is said to be, the last time. */
export async function setQueueItemStatus(
  db: Database,
  choice: QueueItemChoice & { readonly status: QueueItemStatus },
): Promise<AnnotationQueueItemRow | undefined> {
  const [row] = await db
    .update(annotationQueueItems)
    .set({
      status: choice.status,
      ...(choice.status === "COMPLETED" ? { completedAt: completion("COMPLETED") } : {}),
      updatedAt: sql`clock_timestamp()`,
    })
    .where(isChosen(choice))
    .returning();
  return row;
}

export async function findAnnotationQueueItem(
  db: Database,
  choice: QueueItemChoice,
): Promise<AnnotationQueueItemRow | undefined> {
  const [row] = await db.select().from(annotationQueueItems).where(isChosen(choice));
  return row;
}

/** False when there is none. */
export async function deleteAnnotationQueueItem(db: Database, choice: QueueItemChoice): Promise<boolean> {
  const deleted = await db
    .delete(annotationQueueItems)
    .where(isChosen(choice))
    .returning({ id: annotationQueueItems.id });
  return deleted.length > 0;
}

/** Newest first. */
export async function listAnnotationQueueItems(
  db: Database,
  options: { readonly filter: QueueItemFilter; readonly limit: number; readonly offset: number },
): Promise<AnnotationQueueItemRow[]> {
  return await db
    .select()
    .from(annotationQueueItems)
    .where(conditionOf(options.filter))
    .orderBy(desc(annotationQueueItems.createdAt), desc(annotationQueueItems.id))
    .limit(options.limit)
    .offset(options.offset);
}

export async function countAnnotationQueueItems(db: Database, filter: QueueItemFilter): Promise<number> {
  const [row] = await db.select({ count: count() }).from(annotationQueueItems).where(conditionOf(filter));
  return row?.count ?? 0;
}

function completion(status: QueueItemStatus) {
  return status === "COMPLETED" ? sql`clock_timestamp()` : null;
}

function isChosen({ projectId, queueId, id }: QueueItemChoice) {
  return and(
    eq(annotationQueueItems.projectId, projectId),
    eq(annotationQueueItems.id, id),
    eq(annotationQueueItems.queueId, queueId),
  );
}

function conditionOf({ projectId, queueId, status }: QueueItemFilter) {
  return and(
    eq(annotationQueueItems.projectId, projectId),
    eq(annotationQueueItems.queueId, queueId),
    status === undefined ? undefined : eq(annotationQueueItems.status, status),
  );
}
