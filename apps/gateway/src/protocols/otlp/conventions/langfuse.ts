import {
  isJsonObject,
  usFromIso,
  type JsonObject,
  type JsonValue,
  type ObservationType,
  type Rank,
} from "@xtrace/contract";
import { observationTypeOf } from "../../fields/enums.ts";
import { costsOf, unitsOf } from "../../fields/usage.ts";
import { normalizeEnvironment } from "../../fields/environment.ts";
import { objectOf, setMember, setMembers } from "../../fields/json-object.ts";
import { valueOfText } from "../json-text.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import { rememberByName } from "../remember-names.ts";
import type { Convention } from "./convention.ts";
import { levelOf } from "./level.ts";
import {
  belowPrefix,
  booleanAt,
  objectAt,
  payload,
  text,
  textAlsoOnResource,
  textAt,
  value,
  valueAt,
} from "./read-attributes.ts";
import { tagsOf } from "./tags.ts";

/*
 * What Langfuse's SDKs of the OpenTelemetry generations write (Python 3 and later, JavaScript 4 and
 * later), also when it is set by hand on spans of other instrumentations. Everything but text is
 * JSON text. The SDKs repeat what they know of the trace on every span.
 */

const OBSERVATION_METADATA = "langfuse.observation.metadata";
const TRACE_METADATA = "langfuse.trace.metadata";

const environment = textAlsoOnResource("langfuse.environment");
const release = textAlsoOnResource("langfuse.release");
const version = textAlsoOnResource("langfuse.version");

const tags = value(
  "langfuse.trace.tags",
  "langfuse.tags",
  `${OBSERVATION_METADATA}.langfuse_tags`,
  `${TRACE_METADATA}.langfuse_tags`,
);

/** Without namespaces, because it may speak from a span's resource alone. */
export const langfuse: Convention = {
  name: "Langfuse SDK",
  observation: {
    type: observationType,
    impliedType: (span) => (span.attributes.has("langfuse.observation.model.name") ? "GENERATION" : undefined),
    level: ({ attributes }) => levelOf(textAt(attributes, "langfuse.observation.level") ?? ""),
    statusMessage: text("langfuse.observation.status_message"),
    version,
    environment: normalized(environment),
    // The second is what the Rust system reads.
    model: text("langfuse.observation.model.name", "langfuse.generation.model"),
    modelParameters: ({ attributes }) =>
      ifDefined(objectAt(attributes, "langfuse.observation.model.parameters"), flatParameters),
    usageDetails: ({ attributes }) => ifDefined(objectAt(attributes, "langfuse.observation.usage_details"), unitsOf),
    costDetails: ({ attributes }) => ifDefined(objectAt(attributes, "langfuse.observation.cost_details"), costsOf),
    completionStartUs: ({ attributes }) => {
      // Older SDKs write the time as JSON text, in quotation marks.
      const time = valueAt(attributes, "langfuse.observation.completion_start_time");
      return typeof time === "string" ? usFromIso(time) : undefined;
    },
    prompt: ({ attributes }) =>
      promptAt(attributes, "langfuse.observation.prompt") ?? promptAt(attributes, "langfuse.prompt"),
    // What a span says of its trace is found by a search of observations, too; what it says of itself wins.
    metadata: (span) => unite(traceMetadata(span), metadataAt(span, PLACE_OF_OBSERVATION)),
    input: payload("langfuse.observation.input"),
    output: payload("langfuse.observation.output"),
  },
  trace: {
    name: text("langfuse.trace.name"),
    userId: text(
      "langfuse.user.id",
      "user.id",
      `${OBSERVATION_METADATA}.langfuse_user_id`,
      `${TRACE_METADATA}.langfuse_user_id`,
    ),
    sessionId: text(
      "langfuse.session.id",
      "session.id",
      `${OBSERVATION_METADATA}.langfuse_session_id`,
      `${TRACE_METADATA}.langfuse_session_id`,
    ),
    release,
    version,
    environment: normalized(environment),
    public: ({ attributes }) =>
      booleanAt(attributes, "langfuse.trace.public") ?? booleanAt(attributes, "langfuse.public"),
    tags: (span) => tagsOf(tags(span)),
    metadata: traceMetadata,
    input: value("langfuse.trace.input"),
    output: value("langfuse.trace.output"),
  },
  isMapped: (attribute, span) => (attribute === IS_APP_ROOT ? !isRootBelowAnother(span) : isMappedAnywhere(attribute)),
};

/** What marks a generation, and what Python SDKs up to 3.3.0 put on one while calling it a span. */
const GENERATION_ATTRIBUTES = [
  "langfuse.observation.model.name",
  "langfuse.observation.model.parameters",
  "langfuse.observation.usage_details",
  "langfuse.observation.cost_details",
  "langfuse.observation.completion_start_time",
  "langfuse.observation.prompt.name",
  "langfuse.observation.prompt.version",
];

const MAPPED = new Set([
  ...GENERATION_ATTRIBUTES,
  ...["type", "level", "status_message", "input", "output"].map((name) => `langfuse.observation.${name}`),
  ...["name", "tags", "public", "input", "output"].map((name) => `langfuse.trace.${name}`),
  ...["environment", "release", "version", "tags", "public", "user.id", "session.id"].map((name) => `langfuse.${name}`),
  ...["prompt.name", "prompt.version", "generation.model"].map((name) => `langfuse.${name}`),
  OBSERVATION_METADATA,
  TRACE_METADATA,
  "langfuse.metadata",
  "user.id",
  "session.id",
]);

const IS_APP_ROOT = "langfuse.internal.is_app_root";

const MAPPED_BELOW = /^langfuse\.(?:observation\.metadata|trace\.metadata|metadata|internal)\./;

const isMappedAnywhere = rememberByName((attribute) => MAPPED.has(attribute) || MAPPED_BELOW.test(attribute));

function observationType(span: OtlpSpan): ObservationType | undefined {
  const type = observationTypeOf(textAt(span.attributes, "langfuse.observation.type") ?? "");
  return type === "SPAN" && isMislabelledGeneration(span) ? "GENERATION" : type;
}

function isMislabelledGeneration({ scope, resource, attributes }: OtlpSpan): boolean {
  if (scope.name !== "langfuse-sdk" || resource.attributes.get("telemetry.sdk.language") !== "python") return false;
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})/.exec(scope.version) ?? [];
  const isOld = Number(major) < 3 || (Number(major) === 3 && Number(minor) <= 3);
  return isOld && GENERATION_ATTRIBUTES.some((key) => attributes.has(key));
}

/** Text and numbers stay, all else becomes JSON text: so Langfuse answers it, and its clients expect it. */
function flatParameters(parameters: JsonObject): JsonObject {
  const flat = ([key, given]: [string, JsonValue]): [string, JsonValue] =>
    typeof given === "string" || typeof given === "number" ? [key, given] : [key, JSON.stringify(given)];
  return objectOf(Object.entries(parameters).map(flat));
}

function promptAt(attributes: OtlpSpan["attributes"], prefix: string) {
  const name = textAt(attributes, `${prefix}.name`);
  const promptVersion = textAt(attributes, `${prefix}.version`);
  return name === undefined || promptVersion === undefined ? undefined : { name, version: promptVersion };
}

type MetadataPlace = { readonly attribute: string; readonly prefix: string };

/** Made once: a name that is put together for each span is hashed for each span. */
function placeOf(attribute: string): MetadataPlace {
  return { attribute, prefix: `${attribute}.` };
}

const PLACE_OF_OBSERVATION = placeOf(OBSERVATION_METADATA);
const PLACE_OF_TRACE = placeOf(TRACE_METADATA);
const OLDER_PLACE = placeOf("langfuse.metadata");

/** One attribute for each key; metadata that is no object stands in the attribute without one. */
function metadataAt(span: OtlpSpan, { attribute, prefix }: MetadataPlace): JsonObject | undefined {
  const whole = valueAt(span.attributes, attribute);
  const keys = belowPrefix(span, prefix);
  if (whole === undefined && keys.length === 0) return undefined;
  const metadata: Record<string, JsonValue> = {};
  if (isJsonObject(whole)) setMembers(metadata, whole);
  else if (whole !== undefined) metadata["metadata"] = whole;
  for (const [key, child] of keys) setMember(metadata, key, typeof child === "string" ? valueOfText(child) : child);
  return metadata;
}

function traceMetadata(span: OtlpSpan): JsonObject | undefined {
  return unite(metadataAt(span, OLDER_PLACE), metadataAt(span, PLACE_OF_TRACE));
}

function unite(weaker: JsonObject | undefined, stronger: JsonObject | undefined): JsonObject | undefined {
  return weaker && stronger ? { ...weaker, ...stronger } : (stronger ?? weaker);
}

function normalized(read: (span: OtlpSpan) => string | undefined) {
  return (span: OtlpSpan) => ifDefined(read(span), normalizeEnvironment);
}

function ifDefined<A, B>(given: A | undefined, map: (given: A) => B | undefined): B | undefined {
  return given === undefined ? undefined : map(given);
}

/**
 * How strongly a span speaks for its whole trace by its place in it. `as_root` makes any span a root;
 * `is_app_root` marks the first that Langfuse exports below spans that it does not, and stands in
 * until a true root comes, if one ever does.
 */
export function placeInTrace(span: OtlpSpan): Rank | undefined {
  if (span.parentSpanId === "" || booleanAt(span.attributes, "langfuse.internal.as_root")) return "derived";
  return isRootBelowAnother(span) ? "inferred" : undefined;
}

/** Readers ask for such a span as for a root, so the mark stays with it. See `isRootObservation`. */
function isRootBelowAnother(span: OtlpSpan): boolean {
  return span.parentSpanId !== "" && booleanAt(span.attributes, IS_APP_ROOT) === true;
}
