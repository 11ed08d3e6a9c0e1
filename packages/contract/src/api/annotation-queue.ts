import { z } from "zod";
import { atMost, NonEmptyText } from "../bounded.ts";
import { LIMITS } from "../limits.ts";
import { paged } from "./page.ts";

export const QUEUE_ITEM_STATUSES = ["PENDING", "COMPLETED"] as const;
export type QueueItemStatus = (typeof QUEUE_ITEM_STATUSES)[number];

export const QUEUE_OBJECT_TYPES = ["TRACE", "OBSERVATION", "SESSION"] as const;
export type QueueObjectType = (typeof QUEUE_OBJECT_TYPES)[number];

const Id = NonEmptyText.refine(...atMost(LIMITS.maxIdLength));
const time = z.iso.datetime();

export const CreateAnnotationQueue = z.object({
  name: NonEmptyText.refine(...atMost(LIMITS.maxNameLength)),
  description: z
    .string()
    .refine(...atMost(10_000))
    .nullish(),
  scoreConfigIds: z.array(Id).refine(...atMost(100)),
});

/** Things that people are to judge, by the score configs that it names. */
export const AnnotationQueue = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    scoreConfigIds: z.array(z.string()),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "AnnotationQueue" });
export type AnnotationQueue = z.infer<typeof AnnotationQueue>;
export const AnnotationQueueList = paged(AnnotationQueue);

export const CreateAnnotationQueueItem = z.object({
  objectId: Id,
  objectType: z.enum(QUEUE_OBJECT_TYPES),
  status: z.enum(QUEUE_ITEM_STATUSES).default("PENDING"),
});

export const UpdateAnnotationQueueItem = z.object({ status: z.enum(QUEUE_ITEM_STATUSES).optional() });

/** One of them. It need not exist (yet). */
export const AnnotationQueueItem = z
  .object({
    id: z.string(),
    queueId: z.string(),
    objectId: z.string(),
    objectType: z.enum(QUEUE_OBJECT_TYPES),
    status: z.enum(QUEUE_ITEM_STATUSES),
    completedAt: time.nullable(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "AnnotationQueueItem" });
export type AnnotationQueueItem = z.infer<typeof AnnotationQueueItem>;
export const AnnotationQueueItemList = paged(AnnotationQueueItem);

export const QueueAssignment = z.object({ userId: Id });
