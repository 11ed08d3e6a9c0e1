import { z } from "zod";

/** An event that PostgreSQL refused, as its project's administrators see it. Times are ISO 8601. */
export const DeadLetter = z.object({
  id: z.string(),
  projectId: z.string(),
  state: z
    .enum(["open", "requested", "replayed", "discarded"])
    .describe("`open`: nobody decided yet. `requested`: a worker is about to replay it."),
  reason: z.string().describe("The SQLSTATE of the last attempt, or `other`."),
  error: z.string(),
  attempts: z.int().describe("Replays that were refused again."),
  payloadBytes: z.int(),
  receivedAt: z.string(),
  createdAt: z.string(),
  replayRequestedAt: z.string().nullable(),
  replayedAt: z.string().nullable(),
  discardedAt: z.string().nullable(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

export const DeadLetterDetail = DeadLetter.extend({
  payload: z.string().describe("JSON text of the job or of its refused part, cut if it is long; `null` once settled."),
  payloadCut: z.boolean(),
});
export type DeadLetterDetail = z.infer<typeof DeadLetterDetail>;

/** Which letters to replay: by id, or all that are not settled, of one reason if it is given. */
export const DeadLetterReplay = z.union([
  z.strictObject({ ids: z.array(z.string().min(1)).min(1).max(1_000) }),
  z.strictObject({ all: z.literal(true), reason: z.string().min(1).optional() }),
]);
