import type { JsonObject, JsonValue, ObservationV2 } from "@xtrace/contract";
import { decimalText, type ObservationWithTrace } from "@xtrace/db";
import { flatMetadata } from "./flat-metadata.ts";
import { amountsOf, wholeNumber } from "./observation.ts";
import { endNotBefore, secondsBetween, wireTime, wireTimeOrNull } from "./wire-time.ts";

/** Longer metadata values are cut unless their keys are asked for. Source: Langfuse. */
const MAX_METADATA_VALUE_LENGTH = 200;

export type ObservationV2Options = {
  /** Groups beside `core`. */
  readonly fields: ReadonlySet<string>;
  /** Metadata keys whose values, and those of the members below them, are not cut. */
  readonly expandMetadata: ReadonlySet<string>;
};

type Present = (row: ObservationWithTrace, options: ObservationV2Options) => Partial<ObservationV2>;

/** What each group adds. Source: Langfuse's field groups of v2 observations. */
const GROUPS: Readonly<Record<string, Present>> = {
  basic: ({ observation, isRoot, trace }) => ({
    isRootObservation: isRoot,
    name: observation.name,
    level: observation.level ?? "DEFAULT",
    statusMessage: observation.statusMessage,
    version: observation.version,
    environment: observation.environment ?? "default",
    bookmarked: trace.bookmarked ?? false,
    public: trace.public ?? false,
    userId: trace.userId,
    sessionId: trace.sessionId,
  }),
  time: ({ observation }) => ({
    completionStartTime: wireTimeOrNull(observation.completionStartTime),
    createdAt: wireTime(observation.createdAt),
    updatedAt: wireTime(observation.updatedAt),
  }),
  io: ({ observation }) => ({ input: rawText(observation.input), output: rawText(observation.output) }),
  metadata: ({ observation }, { expandMetadata }) => ({ metadata: cutValues(observation.metadata, expandMetadata) }),
  model: ({ observation }) => ({
    // The first is what clients of version 4 read, the second what the API has always said.
    model: observation.model,
    providedModelName: observation.model,
    internalModelId: observation.modelId,
    modelId: observation.modelId,
    modelParameters: observation.modelParameters,
    inputPrice: priceText(observation.appliedPrices?.input),
    outputPrice: priceText(observation.appliedPrices?.output),
    totalPrice: priceText(observation.appliedPrices?.total),
  }),
  usage: ({ observation }) => ({
    ...amountsOf(observation),
    usagePricingTierName: observation.appliedPrices?.tierName ?? null,
  }),
  prompt: ({ observation }) => ({
    promptId: observation.promptId,
    promptName: observation.promptName,
    promptVersion: wholeNumber(observation.promptVersion),
  }),
  metrics: ({ observation }) => ({
    latency: secondsBetween(observation.startTime, endNotBefore(observation.startTime, observation.endTime)),
    timeToFirstToken: secondsBetween(observation.startTime, observation.completionStartTime),
  }),
  trace_context: ({ trace }) => ({ traceName: trace.name, tags: trace.tags, release: trace.release }),
};

export const OBSERVATION_V2_GROUPS = ["core", ...Object.keys(GROUPS)];

/** A stored observation with the groups of fields that were asked for. */
export function presentObservationV2(row: ObservationWithTrace, options: ObservationV2Options): ObservationV2 {
  const { observation } = row;
  const core = {
    id: observation.id,
    traceId: observation.traceId,
    startTime: wireTime(observation.startTime),
    endTime: wireTimeOrNull(endNotBefore(observation.startTime, observation.endTime)),
    projectId: observation.projectId,
    parentObservationId: observation.parentObservationId,
    type: observation.type ?? "SPAN",
    // Langfuse's clients expect these always, without the group `model` as null.
    modelId: null,
    inputPrice: null,
    outputPrice: null,
    totalPrice: null,
  } as const;
  const groups = Object.entries(GROUPS).filter(([name]) => options.fields.has(name));
  return Object.assign(core, ...groups.map(([, present]) => present(row, options))) as ObservationV2;
}

/** Decimal, without an exponent: what 0.0000025 would be printed as is no number to every client. */
function priceText(price: number | null | undefined): string | null {
  return price === null || price === undefined ? null : decimalText(price);
}

function rawText(value: JsonValue | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function cutValues(metadata: JsonObject | null | undefined, expanded: ReadonlySet<string>): Record<string, unknown> {
  const entries = Object.entries(flatMetadata(metadata ?? {}));
  return Object.fromEntries(entries.map(([key, value]) => [key, isExpanded(key, expanded) ? value : cutValue(value)]));
}

function isExpanded(name: string, expanded: ReadonlySet<string>): boolean {
  return expanded.has(name) || [...expanded].some((key) => name.startsWith(`${key}.`));
}

function cutValue(value: JsonValue): JsonValue {
  const text = rawText(value) ?? "";
  return text.length > MAX_METADATA_VALUE_LENGTH ? text.slice(0, MAX_METADATA_VALUE_LENGTH) : value;
}
