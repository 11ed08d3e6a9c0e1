import type { JsonObject, JsonValue } from "@xtrace/contract";
import { emptyBag } from "../attribute-bag.ts";
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from "../ids.ts";
import { fillBag, idOf, listOf, textOf } from "../json-fields.ts";
import { valueFromJson } from "../json-values.ts";
import { usFromJson } from "../nanos.ts";
import type { Around } from "../otlp-span.ts";
import { LOGS, pathOf } from "../signal.ts";
import { walkJson } from "../walk-json.ts";
import type { LogIntake } from "./log-intake.ts";
import { eventNameOf, type OtlpLogRecord } from "./otlp-log-record.ts";

/** ExportLogsServiceRequest in OTLP's JSON. Throws BAD_REQUEST when the body is no export of logs at all. */
export function readJsonRecords(body: JsonValue, intake: LogIntake): void {
  walkJson(LOGS, body, intake, (sent, around, place) => {
    if (listOf(sent["attributes"])) intake.add(readRecord(sent, around), place);
    else intake.reject(`${pathOf(LOGS, place)}.attributes`, "expected a list");
  });
}

function readRecord(sent: JsonObject, { resource, scope }: Around): OtlpLogRecord {
  const attributes = fillBag(emptyBag(), sent["attributes"]).values;
  return {
    resource,
    scope,
    traceId: idOf(sent["traceId"], TRACE_ID_BYTES),
    spanId: idOf(sent["spanId"], SPAN_ID_BYTES),
    eventName: eventNameOf(textOf(sent["eventName"]), attributes),
    timeUs: usFromJson(sent["timeUnixNano"]) || usFromJson(sent["observedTimeUnixNano"]),
    attributes,
    body: valueFromJson(sent["body"]),
  };
}
