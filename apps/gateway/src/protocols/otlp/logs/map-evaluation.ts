import { stampOf, type JsonObject, type ScoreEvent } from "@xtrace/contract";
import { numberOf, textAt, textAlsoOnResource } from "../conventions/read-attributes.ts";
import { cutName } from "../../fields/cut-text.ts";
import { idFromText } from "../../fields/derived-id.ts";
import { normalizeEnvironment } from "../../fields/environment.ts";
import { withoutUndefined } from "../../fields/without-undefined.ts";
import { objectOf } from "../../fields/json-object.ts";
import { spanOfDetails } from "./call-span.ts";
import type { OtlpLogRecord } from "./otlp-log-record.ts";

const PREFIX = "gen_ai.evaluation.";

/**
 * A `gen_ai.evaluation.result` as a score of its span, or of its trace if it names no span; else
 * what is wrong with it. With a number it is NUMERIC and the label is metadata, with a label alone CATEGORICAL.
 *
 * Its id is made of what it says, so that the same event sent twice is one score.
 */
export function mapEvaluation(
  record: OtlpLogRecord,
): ScoreEvent | { readonly field: string; readonly message: string } {
  const span = spanOfDetails(record);
  const { attributes, traceId, spanId, startUs } = span;
  const name = textAt(attributes, `${PREFIX}name`);
  if (name === undefined) return { field: "attributes", message: `${PREFIX}name is missing` };
  const value = numberOf(attributes.get(`${PREFIX}score.value`)) ?? null;
  const label = textAt(attributes, `${PREFIX}score.label`) ?? null;
  if (value === null && label === null) {
    return { field: "attributes", message: `neither ${PREFIX}score.value nor ${PREFIX}score.label is there` };
  }
  const environment = deploymentEnvironment(span);
  return withoutUndefined<ScoreEvent>({
    id: idFromText(JSON.stringify([traceId, spanId, name, startUs, value, label])),
    stamp: stampOf(startUs),
    timestampUs: startUs,
    name: cutName(name),
    dataType: value === null ? "CATEGORICAL" : "NUMERIC",
    value,
    stringValue: value === null ? label : null,
    traceId,
    observationId: spanId === "" ? undefined : spanId,
    source: "EVAL",
    comment: textAt(attributes, `${PREFIX}explanation`),
    metadata: metadataOf(record, value === null ? null : label),
    environment: environment === undefined ? undefined : normalizeEnvironment(environment),
  });
}

const deploymentEnvironment = textAlsoOnResource(
  "langfuse.environment",
  "deployment.environment.name",
  "deployment.environment",
);

function metadataOf({ attributes }: OtlpLogRecord, label: string | null): JsonObject | undefined {
  const rest = [...attributes].filter(([key]) => key !== "event.name" && !key.startsWith(PREFIX));
  if (rest.length === 0 && label === null) return undefined;
  return {
    ...(rest.length === 0 ? {} : { attributes: objectOf(rest) }),
    ...(label === null ? {} : { label }),
  };
}
