import { z } from "zod";
import { TraceSummary } from "./trace.ts";

const Time = z.iso.datetime();

/**
 * A session is the traces that name it: it begins with its first trace, whose timestamp and
 * environment are the session's. Sums are over all of its traces.
 */
export const Session = z
  .object({
    id: z.string(),
    createdAt: Time,
    projectId: z.string(),
    environment: z.string(),
    countTraces: z.int(),
    firstTimestamp: Time,
    lastTimestamp: Time,
    userIds: z.array(z.string()).describe("At most 100."),
    totalCost: z.number().describe("US dollars."),
    promptTokens: z.int(),
    completionTokens: z.int(),
    totalTokens: z.int(),
  })
  .meta({ id: "Session" });
export type Session = z.infer<typeof Session>;

export const SessionDetail = Session.extend({
  traces: z.array(TraceSummary).describe("Oldest first; of a session with more than 10,000 traces the newest 10,000."),
}).meta({ id: "SessionWithTraces" });
export type SessionDetail = z.infer<typeof SessionDetail>;
