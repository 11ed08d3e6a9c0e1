import { createIntake, type Intake, type Taken } from "../intake.ts";
import { LOGS, pathOf, type Place } from "../signal.ts";
import { isId } from "../span-intake.ts";
import { isGenAiEvent, namesItsTarget } from "./gen-ai-events.ts";
import type { OtlpLogRecord } from "./otlp-log-record.ts";

export type LogIntake = Omit<Intake<OtlpLogRecord>, "add" | "result"> & {
  /** Takes the record if it is a GenAI event; counts it if it is another one. */
  add(record: OtlpLogRecord, place: Place): void;
  /** `unsupported`: records that are valid, and of a kind that is not stored. */
  result(): Taken<OtlpLogRecord> & { readonly unsupported: number };
};

export function createLogIntake(): LogIntake {
  const intake = createIntake<OtlpLogRecord>("GenAI events");
  let unsupported = 0;
  return {
    ...intake,
    add(record, place) {
      if (!isGenAiEvent(record.eventName)) unsupported += 1;
      else if (!isId(record.traceId))
        intake.reject(`${pathOf(LOGS, place)}.traceId`, "a GenAI event needs one, of 16 bytes");
      else if (!namesItsTarget(record))
        intake.reject(`${pathOf(LOGS, place)}.spanId`, "this event needs one, of 8 bytes");
      else intake.add(record);
    },
    result: () => ({ ...intake.result(), unsupported }),
  };
}
