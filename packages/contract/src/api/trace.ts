import { z } from "zod";
import { ObservationView } from "./observation.ts";
import { Score } from "./score.ts";

const Time = z.iso.datetime();
const NullableText = z.string().nullable();

/** What `fields` may name; `core` is always there. */
export const TRACE_FIELD_GROUPS = ["core", "io", "scores", "observations", "metrics"] as const;
export type TraceFieldGroup = (typeof TRACE_FIELD_GROUPS)[number];

/** `input`, `output` and `metadata` are there when the group `io` is. */
const TraceBase = z.object({
  id: z.string(),
  projectId: z.string(),
  timestamp: Time,
  name: NullableText,
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  metadata: z.unknown().optional(),
  userId: NullableText,
  sessionId: NullableText,
  release: NullableText,
  version: NullableText,
  environment: z.string(),
  tags: z.array(z.string()),
  public: z.boolean(),
  externalId: NullableText,
  bookmarked: z.boolean(),
  htmlPath: z.string().describe("Path of the trace in the dashboard."),
  createdAt: Time,
  updatedAt: Time,
  latency: z
    .number()
    .describe("Seconds from the first start to the last end; 0 while there is no end, -1 when not asked for."),
  totalCost: z.number().describe("US dollars; -1 when not asked for."),
  observationCount: z.int(),
  errorCount: z.int(),
  promptTokens: z.int(),
  completionTokens: z.int(),
  totalTokens: z.int(),
});

/** A trace in a list. Source: Langfuse's TraceWithDetails with the Rust system's keys. */
export const TraceListItem = TraceBase.extend({
  observations: z.array(z.string()).describe("Ids, oldest first, at most 1,000 per trace; empty when not asked for."),
  scores: z.array(z.string()).describe("Ids, at most 1,000 per trace; empty when not asked for."),
}).meta({ id: "TraceWithDetails" });
export type TraceListItem = z.infer<typeof TraceListItem>;

/** A trace with everything under it. Source: Langfuse's TraceWithFullDetails. */
export const TraceDetail = TraceBase.extend({
  observations: z.array(ObservationView).describe("By start, at most 10,000; empty when not asked for."),
  scores: z.array(Score).describe("At most 1,000; empty when not asked for."),
}).meta({ id: "TraceWithFullDetails" });
export type TraceDetail = z.infer<typeof TraceDetail>;

/** A trace without what hangs under it, as a session lists them. */
export const TraceSummary = TraceBase.meta({ id: "Trace" });
export type TraceSummary = z.infer<typeof TraceSummary>;
