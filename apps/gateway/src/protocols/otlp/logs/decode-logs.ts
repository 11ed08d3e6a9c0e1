import { noEvents } from "@xtrace/contract";
import { parseJson } from "@xtrace/runtime";
import { dialectOf } from "../conventions/precedence.ts";
import type { DecodedExport, OtlpEncoding } from "../decode.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import { createMetadataMapper } from "../span-metadata.ts";
import { createTraceCollector } from "../trace-collector.ts";
import { collectTraceFacts } from "../trace-facts.ts";
import { spanOfDetails, spanOfMessages } from "./call-span.ts";
import { isDetails, isEvaluation, isMessage } from "./gen-ai-events.ts";
import { createLogIntake } from "./log-intake.ts";
import { mapCall } from "./map-call.ts";
import { mapEvaluation } from "./map-evaluation.ts";
import type { OtlpLogRecord } from "./otlp-log-record.ts";
import { readJsonRecords } from "./read-json-records.ts";
import { readProtobufRecords } from "./read-protobuf-records.ts";

/**
 * An export of logs as canonical events: of its GenAI events, that is. Messages and details become
 * writes to the observation of their span, evaluations become scores. Any other record is valid,
 * and is told of as `unsupported`.
 *
 * Pure; throws nothing but AppError, and that only for a body that is no export of logs as a whole.
 * `nowUs` is the time of a record that has none.
 */
export function decodeLogs(
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  { nowUs }: { readonly nowUs: number },
): DecodedExport {
  const intake = createLogIntake();
  if (encoding === "protobuf") readProtobufRecords(bytes, intake);
  else if (bytes.length > 0) readJsonRecords(parseJson(bytes), intake);
  const records = intake.result().items.map((record) => ({ ...record, timeUs: record.timeUs || nowUs }));

  const events = noEvents();
  const collector = createTraceCollector();
  const metadataOf = createMetadataMapper();
  for (const span of [...records.filter(isDetails).map(spanOfDetails), ...callsOf(records.filter(isMessage))]) {
    const dialect = dialectOf(span);
    const observation = mapCall(span, dialect, metadataOf);
    events.observations.push(observation);
    collectTraceFacts(span, observation, dialect, collector.traceOf(span.traceId));
  }
  events.traces.push(...collector.events());
  for (const record of records.filter(isEvaluation)) {
    const score = mapEvaluation(record);
    if ("message" in score) intake.reject(`${record.eventName}.${score.field}`, score.message);
    else events.scores.push(score);
  }
  const { rejected, unsupported, reason } = intake.result();
  const said = [reason, unsupported > 0 ? unsupportedMessage(unsupported) : undefined].filter(Boolean).join("; ");
  return { events, rejected, unsupported, ...(said === "" ? {} : { reason: said }) };
}

function unsupportedMessage(count: number): string {
  return `${count} log records were not stored: of logs, only the GenAI events of spans are kept`;
}

function callsOf(records: readonly OtlpLogRecord[]): OtlpSpan[] {
  const bySpan = new Map<string, [OtlpLogRecord, ...OtlpLogRecord[]]>();
  for (const record of records) {
    const key = `${record.traceId} ${record.spanId}`;
    const known = bySpan.get(key);
    if (known) known.push(record);
    else bySpan.set(key, [record]);
  }
  return [...bySpan.values()].map((ofSpan) => {
    // The sort is stable: of messages at one instant, the one that was sent first stays first.
    ofSpan.sort((a, b) => a.timeUs - b.timeUs);
    return spanOfMessages(ofSpan);
  });
}
