import { isId } from "../span-intake.ts";
import type { OtlpLogRecord } from "./otlp-log-record.ts";

/*
 * The events of the semantic conventions for generative AI that are sent as log records, of all
 * versions that are still written.
 *
 * Source: open-telemetry/semantic-conventions up to 1.41 and open-telemetry/semantic-conventions-genai
 */

/** A message of a call each, or all of one side as JSON text. */
const MESSAGE = /^gen_ai\.(?:(?:system|user|assistant|tool)\.message|choice|content\.(?:prompt|completion))$/;
/** All that is known of a call, in attributes that are named like a span's. */
const DETAILS = "gen_ai.client.inference.operation.details";
const EVALUATION = "gen_ai.evaluation.result";

export function isMessage({ eventName }: OtlpLogRecord): boolean {
  return MESSAGE.test(eventName);
}

export function isDetails({ eventName }: OtlpLogRecord): boolean {
  return eventName === DETAILS;
}

export function isEvaluation({ eventName }: OtlpLogRecord): boolean {
  return eventName === EVALUATION;
}

export function isGenAiEvent(eventName: string): boolean {
  return MESSAGE.test(eventName) || eventName === DETAILS || eventName === EVALUATION;
}

/** A whole trace may be evaluated; anything else belongs to a span. */
export function namesItsTarget(record: OtlpLogRecord): boolean {
  return isId(record.spanId) || (record.spanId === "" && isEvaluation(record));
}
