import { z } from "zod";
import { atMost } from "../bounded.ts";
import { paged } from "./page.ts";

/** Source: Langfuse. */
const MAX_CONTENT_LENGTH = 5_000;
const MAX_ID_LENGTH = 800;

export const COMMENT_OBJECT_TYPES = ["TRACE", "OBSERVATION", "SESSION", "PROMPT"] as const;
export const CommentObjectType = z.enum(COMMENT_OBJECT_TYPES);
export type CommentObjectType = z.infer<typeof CommentObjectType>;

/** What somebody said about a trace, an observation, a session or a prompt. Source: Langfuse's Comment. */
export const Comment = z
  .object({
    id: z.string(),
    projectId: z.string(),
    objectType: CommentObjectType,
    objectId: z.string(),
    content: z.string(),
    authorUserId: z.string().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: "Comment" });
export type Comment = z.infer<typeof Comment>;

export const CommentList = paged(Comment);

const Id = z.string().refine(...atMost(MAX_ID_LENGTH));

/** `projectId` is there because Langfuse's clients send it; what counts is the project of the key. */
export const CreateComment = z.object({
  projectId: z.string(),
  objectType: CommentObjectType,
  objectId: Id,
  content: z
    .string()
    .transform((text) => text.trim())
    .refine((text) => text.length > 0, { error: "expected at least one character" })
    .refine(...atMost(MAX_CONTENT_LENGTH)),
  authorUserId: Id.nullish(),
});
export type CreateComment = z.infer<typeof CreateComment>;

export const CreatedComment = z.object({ id: z.string() });
