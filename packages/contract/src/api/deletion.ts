import { z } from "zod";
import { atMost } from "../bounded.ts";

/** What Langfuse's clients send to delete many traces. */
export const DeleteTraces = z.strictObject({
  traceIds: z
    .array(z.string())
    .refine(({ length }) => length > 0, { error: "expected at least one id" })
    .refine(...atMost(1_000)),
});
export type DeleteTraces = z.infer<typeof DeleteTraces>;

/** How Langfuse confirms a deletion. */
export const Deleted = z.object({ message: z.string() }).meta({ id: "Deleted" });
export type Deleted = z.infer<typeof Deleted>;
