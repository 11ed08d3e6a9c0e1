import { isJsonObject, type JsonValue } from "@xtrace/contract";
import { prefixBitsOfAll } from "../attribute-prefixes.ts";
import type { Attributes, OtlpEvent, OtlpSpan } from "../otlp-span.ts";
import { draftSpan } from "../span-draft.ts";
import type { OtlpLogRecord } from "./otlp-log-record.ts";

/*
 * Log events in the form of the span that they belong to, so that conventions read them as they
 * read spans. Such a span knows neither its name nor when it began and ended.
 */

/** The message events of one span, oldest first; as span events, which they once were. */
export function spanOfMessages(records: readonly [OtlpLogRecord, ...OtlpLogRecord[]]): OtlpSpan {
  const attributes = new Map(
    records.flatMap((record) => [...record.attributes].filter(([key]) => !isOfMessage(record, key))),
  );
  return spanAround(records[0], attributes, records.map(eventOf));
}

/** The event that has all of a call, whose attributes are those that a span may have itself. */
export function spanOfDetails(record: OtlpLogRecord): OtlpSpan {
  const fields = isJsonObject(record.body) ? Object.entries(record.body) : [];
  const attributes = new Map<string, JsonValue>([...fields, ...record.attributes]);
  attributes.delete("event.name");
  return spanAround(record, attributes, []);
}

function spanAround(record: OtlpLogRecord, attributes: Attributes, events: readonly OtlpEvent[]): OtlpSpan {
  const { span } = draftSpan(record.resource, record.scope);
  return {
    ...span,
    traceId: record.traceId,
    spanId: record.spanId,
    // Whether the span is a root only the span itself can say, and it must not be taken for one.
    parentSpanId: record.spanId,
    startUs: record.timeUs,
    endUs: record.timeUs,
    attributes,
    prefixBits: prefixBitsOfAll(attributes.keys()),
    events,
  };
}

/** The message is the body, or, where there is none, what stands in attributes that are not about the call. */
function isOfMessage({ body }: OtlpLogRecord, key: string): boolean {
  if (key === "event.name" || key === "gen_ai.event.content") return true;
  if (key === "gen_ai.prompt" || key === "gen_ai.completion") return true;
  return body === null && !ABOUT_THE_CALL.test(key);
}

const ABOUT_THE_CALL = /^(?:gen_ai|session|user|enduser|langfuse)\./;

function eventOf(record: OtlpLogRecord): OtlpEvent {
  const { eventName, timeUs, body } = record;
  const ofMessage = [...record.attributes].filter(([key]) => isOfMessage(record, key));
  return { name: eventName, timeUs, attributes: new Map<string, JsonValue>([...ofMessage, ...fieldsOf(body)]) };
}

/** A choice has its message one level down, beside why it ended there. */
function fieldsOf(body: JsonValue): Array<[string, JsonValue]> {
  if (body === null) return [];
  if (!isJsonObject(body)) return [["content", body]];
  const { message, ...rest } = body;
  if (!isJsonObject(message)) return Object.entries(body);
  return [...Object.entries(message), ...Object.entries(rest)];
}
