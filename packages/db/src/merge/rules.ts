import type { ObservationEvent, ScoreEvent, TraceEvent } from "@xtrace/contract";
import type { observations } from "../schema/observations.ts";
import type { scores } from "../schema/scores.ts";
import type { traces } from "../schema/traces.ts";
import type { MergeKind } from "./merge-row.ts";

type Table = typeof traces | typeof observations | typeof scores;

/** Typed against both sides: every property is a column of the table, every `from` a key of the event. */
type RulesOf<T extends Table, Event> = {
  readonly [P in keyof T["$inferSelect"]]?: { readonly kind: MergeKind; readonly from: keyof Event & string };
};

function latest<Name extends string>(...names: Name[]) {
  return Object.fromEntries(names.map((name) => [name, { kind: "latest", from: name }])) as Record<
    Name,
    { kind: "latest"; from: Name }
  >;
}

export const TRACE_RULES = {
  ...latest(
    "name",
    "userId",
    "sessionId",
    "release",
    "version",
    "externalId",
    "public",
    "bookmarked",
    "input",
    "output",
  ),
  timestamp: { kind: "earliest", from: "timestampUs" },
  environment: { kind: "first", from: "environment" },
  tags: { kind: "union", from: "tags" },
  metadata: { kind: "deep", from: "metadata" },
} satisfies RulesOf<typeof traces, TraceEvent>;

export const OBSERVATION_RULES = {
  ...latest("type", "parentObservationId", "name", "level", "statusMessage", "version", "model", "modelParameters"),
  ...latest("usageDetails", "usageUnit", "costDetails", "promptId", "promptName", "promptVersion", "input", "output"),
  startTime: { kind: "earliest", from: "startTimeUs" },
  endTime: { kind: "latest", from: "endTimeUs" },
  completionStartTime: { kind: "latest", from: "completionStartTimeUs" },
  environment: { kind: "first", from: "environment" },
  metadata: { kind: "deep", from: "metadata" },
} satisfies RulesOf<typeof observations, ObservationEvent>;

export const SCORE_RULES = {
  ...latest("name", "dataType", "value", "stringValue", "traceId", "observationId", "sessionId", "datasetRunId"),
  ...latest("source", "comment", "configId", "queueId", "authorUserId"),
  timestamp: { kind: "earliest", from: "timestampUs" },
  environment: { kind: "first", from: "environment" },
  metadata: { kind: "deep", from: "metadata" },
} satisfies RulesOf<typeof scores, ScoreEvent>;
