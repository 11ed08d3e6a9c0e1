import { isJsonObject, LIMITS, type JsonObject, type JsonValue } from "@xtrace/contract";
import { emptyBag } from "./attribute-bag.ts";
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from "./ids.ts";
import { countOf, enumOf, fillBag, idOf, listOf, objectsOf, textOf } from "./json-fields.ts";
import { usFromJson } from "./nanos.ts";
import type { OtlpSpan } from "./otlp-span.ts";
import { pathOf, TRACES } from "./signal.ts";
import { draftSpan, finishSpan, type SpanDraft } from "./span-draft.ts";
import type { SpanIntake } from "./span-intake.ts";
import { walkJson } from "./walk-json.ts";

/** ExportTraceServiceRequest in OTLP's JSON. Throws BAD_REQUEST when the body is no export of spans at all. */
export function decodeJson(body: JsonValue, intake: SpanIntake): void {
  walkJson(TRACES, body, intake, (sent, { resource, scope }, place) => {
    const misshapen = LISTS_OF_A_SPAN.find((key) => !listOf(sent[key]));
    if (misshapen) intake.reject(`${pathOf(TRACES, place)}.${misshapen}`, "expected a list");
    else intake.add(readSpan(sent, draftSpan(resource, scope)), place);
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

const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map(
  (name) => `SPAN_KIND_${name}`,
);
const STATUS_CODES = ["UNSET", "OK", "ERROR"].map((name) => `STATUS_CODE_${name}`);
