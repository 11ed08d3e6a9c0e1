import { z } from "zod";

/** What Langfuse's clients send to delete many traces. */
export const DeleteTraces = z.strictObject({
  traceIds: z.array(z.string()).min(1, "At least 1 traceId is required.").max(1_000),
});
export type DeleteTraces = z.infer<typeof DeleteTraces>;

/** How Langfuse confirms a deletion. */
export const Deleted = z.object({ message: z.string() }).meta({ id: "Deleted" });
export type Deleted = z.infer<typeof Deleted>;
