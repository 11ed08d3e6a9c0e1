import { isJsonObject, LIMITS, type JsonObject, type JsonValue } from "@xtrace/contract";
import { AppError } from "@xtrace/runtime";
import { emptyBag, hasRoom, putAttribute, type AttributeBag } from "./attribute-bag.ts";
import { idFromText, SPAN_ID_BYTES, TRACE_ID_BYTES } from "./ids.ts";
import { isJsonArray } from "./json-object.ts";
import { valueFromJson } from "./json-values.ts";
import { usFromJson } from "./nanos.ts";
import type { OtlpSpan } from "./otlp-span.ts";
import { draftSpan, finishSpan, type SpanDraft } from "./span-draft.ts";
import { pathOf, type SpanIntake } from "./span-intake.ts";

/*
 * ExportTraceServiceRequest in OTLP's JSON. As lenient as the specification wants a receiver to
 * be: unknown fields are ignored, a field that is null or missing has its default.
 *
 * What has the wrong shape costs the spans in it and no others.
 *
 * Source: OTLP 1.x, "JSON Protobuf Encoding"; proto3 JSON mapping
 */

/** Throws BAD_REQUEST when the body is no export of spans at all. */
export function decodeJson(body: JsonValue, intake: SpanIntake): void {
  if (!isJsonObject(body)) throw new AppError("BAD_REQUEST", "Body must be a JSON object");
  const { resourceSpans } = body;
  if (isAbsent(resourceSpans)) return refuseOtherSignals(body);
  if (!isJsonArray(resourceSpans)) throw new AppError("BAD_REQUEST", "resourceSpans must be a list");
  resourceSpans.forEach((item, index) => readResourceSpans(item, index, intake));
}

function refuseOtherSignals(body: JsonObject): void {
  const signal = ["resourceLogs", "resourceMetrics"].find((key) => !isAbsent(body[key]));
  if (signal) throw new AppError("BAD_REQUEST", `Body holds ${signal}: this address takes traces only`);
}

function readResourceSpans(item: JsonValue, index: number, intake: SpanIntake): void {
  const path = `resourceSpans.${index}`;
  if (!isJsonObject(item)) return intake.reject(path, "expected an object");
  const resource = { attributes: readSideBag(item["resource"], `${path}.resource`, intake).values };
  const scopeSpans = listOf(item["scopeSpans"]);
  if (!scopeSpans) return intake.reject(`${path}.scopeSpans`, "expected a list");
  scopeSpans.forEach((child, scopeIndex) => readScopeSpans(child, { resource, index, scopeIndex }, intake));
}

type Parent = { readonly resource: OtlpSpan["resource"]; readonly index: number; readonly scopeIndex: number };

function readScopeSpans(item: JsonValue, parent: Parent, intake: SpanIntake): void {
  const path = `resourceSpans.${parent.index}.scopeSpans.${parent.scopeIndex}`;
  if (!isJsonObject(item)) return intake.reject(path, "expected an object");
  const sent = isJsonObject(item["scope"]) ? item["scope"] : {};
  const attributes = readSideBag(sent, `${path}.scope`, intake).values;
  const scope = { name: textOf(sent["name"]), version: textOf(sent["version"]), attributes };
  const spans = listOf(item["spans"]);
  if (!spans) return intake.reject(`${path}.spans`, "expected a list");
  spans.forEach((child, span) => {
    const place = { resource: parent.index, scope: parent.scopeIndex, span };
    if (!isJsonObject(child)) return intake.reject(pathOf(place), "expected an object");
    const misshapen = LISTS_OF_A_SPAN.find((key) => !listOf(child[key]));
    if (misshapen) return intake.reject(`${pathOf(place)}.${misshapen}`, "expected a list");
    intake.add(readSpan(child, draftSpan(parent.resource, scope)), place);
  });
}

const LISTS_OF_A_SPAN = ["attributes", "events", "links"] as const;

function readSpan(sent: JsonObject, draft: SpanDraft): OtlpSpan {
  const { span, status } = draft;
  span.traceId = idOf(sent["traceId"], TRACE_ID_BYTES);
  span.spanId = idOf(sent["spanId"], SPAN_ID_BYTES);
  span.parentSpanId = idOf(sent["parentSpanId"], SPAN_ID_BYTES);
  span.name = textOf(sent["name"]);
  span.kind = enumOf(sent["kind"], KINDS);
  span.startUs = usFromJson(sent["startTimeUnixNano"]);
  span.endUs = usFromJson(sent["endTimeUnixNano"]);
  span.traceState = textOf(sent["traceState"]);
  span.droppedAttributes = countOf(sent["droppedAttributesCount"]);
  span.droppedEvents = countOf(sent["droppedEventsCount"]);
  span.droppedLinks = countOf(sent["droppedLinksCount"]);
  if (isJsonObject(sent["status"])) {
    status.code = enumOf(sent["status"]["code"], STATUS_CODES);
    status.message = textOf(sent["status"]["message"]);
  }
  fillBag(draft.bag, sent["attributes"]);
  const events = objectsOf(sent["events"]);
  const links = objectsOf(sent["links"]);
  draft.events.push(...events.slice(0, LIMITS.maxAttributesPerSpan).map(readEvent));
  draft.links.push(...links.slice(0, LIMITS.maxAttributesPerSpan).map(readLink));
  span.droppedEvents += events.length - draft.events.length;
  span.droppedLinks += links.length - draft.links.length;
  return finishSpan(draft);
}

function readEvent(sent: JsonObject) {
  const attributes = fillBag(emptyBag(), sent["attributes"]).values;
  return { name: textOf(sent["name"]), timeUs: usFromJson(sent["timeUnixNano"]), attributes };
}

function readLink(sent: JsonObject) {
  return {
    traceId: idOf(sent["traceId"], TRACE_ID_BYTES),
    spanId: idOf(sent["spanId"], SPAN_ID_BYTES),
    attributes: fillBag(emptyBag(), sent["attributes"]).values,
  };
}

/** The attributes of a resource or a scope: no reason to lose the spans when they have the wrong shape. */
function readSideBag(owner: JsonValue | undefined, path: string, intake: SpanIntake): AttributeBag {
  const attributes = isJsonObject(owner) ? owner["attributes"] : undefined;
  if (!listOf(attributes)) intake.warn(`${path}.attributes`, "expected a list; it was left out");
  return fillBag(emptyBag(), attributes);
}

function fillBag(bag: AttributeBag, attributes: JsonValue | undefined): AttributeBag {
  for (const attribute of listOf(attributes) ?? []) {
    if (!hasRoom(bag)) continue;
    if (isJsonObject(attribute)) putAttribute(bag, textOf(attribute["key"]), valueFromJson(attribute["value"]));
    else bag.dropped += 1;
  }
  return bag;
}

function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** `undefined` for what is there and no list. */
function listOf(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  if (isAbsent(value)) return [];
  return isJsonArray(value) ? value : undefined;
}

function objectsOf(value: JsonValue | undefined): JsonObject[] {
  return (listOf(value) ?? []).filter(isJsonObject);
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

/** Anything that is there and no text is as wrong as a text of the wrong length. */
function idOf(value: JsonValue | undefined, byteLength: number): string {
  if (isAbsent(value)) return "";
  return idFromText(typeof value === "string" ? value : "not text", byteLength);
}

function countOf(value: JsonValue | undefined): number {
  const count = Number(value ?? 0);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}

/** Numbers, as OTLP has it, and names, as proto3 JSON writers have it. */
function enumOf(value: JsonValue | undefined, names: readonly string[]): number {
  if (typeof value === "string") return Math.max(names.indexOf(value), 0);
  return typeof value === "number" ? value : 0;
}

const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map(
  (name) => `SPAN_KIND_${name}`,
);
const STATUS_CODES = ["UNSET", "OK", "ERROR"].map((name) => `STATUS_CODE_${name}`);
