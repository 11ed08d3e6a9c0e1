import type { ObservationView } from "@xtrace/contract";
import { splitCost, type ObservationRow, type ObservationText } from "@xtrace/db";
import { endNotBefore, secondsBetween, wireTime, wireTimeOrNull } from "./wire-time.ts";

/**
 * A stored observation as it is read back.
 *
 * There is no price table, so prices and the model they belong to are `null` and every cost is the
 * sender's. What `unit` says when nobody said it is Langfuse's "TOKENS".
 */
export function presentObservation(row: ObservationRow): ObservationView {
  const { modelParameters, input, output, metadata, usageDetails, costDetails } = row;
  return {
    ...presentHead(row, costDetails),
    modelParameters,
    input,
    output,
    metadata: metadata ?? {},
    usageDetails: usageDetails ?? {},
    costDetails: costDetails ?? {},
  };
}

/** The same as JSON text, made without a look into the JSON that the client sent. */
export function printObservation(row: ObservationText): string {
  const { modelParameters, input, output, metadata, usageDetails, costDetails } = row;
  const costs = costDetails === null ? null : (JSON.parse(costDetails) as ObservationRow["costDetails"]);
  const head = JSON.stringify(presentHead(row, costs)).slice(0, -1);
  return `${head},"modelParameters":${modelParameters ?? "null"},"input":${input ?? "null"},"output":${output ?? "null"},"metadata":${
    metadata ?? "{}"
  },"usageDetails":${usageDetails ?? "{}"},"costDetails":${costDetails ?? "{}"}}`;
}

type Head = Omit<ObservationRow, JsonProperty>;
type JsonProperty = "modelParameters" | "input" | "output" | "metadata" | "usageDetails" | "costDetails";

function presentHead(row: Head, costDetails: ObservationRow["costDetails"]): Omit<ObservationView, JsonProperty> {
  const endTime = endNotBefore(row.startTime, row.endTime);
  return {
    id: row.id,
    traceId: row.traceId,
    projectId: row.projectId,
    type: row.type ?? "SPAN",
    name: row.name,
    startTime: wireTime(row.startTime),
    endTime: wireTimeOrNull(endTime),
    completionStartTime: wireTimeOrNull(row.completionStartTime),
    parentObservationId: row.parentObservationId,
    level: row.level ?? "DEFAULT",
    statusMessage: row.statusMessage,
    version: row.version,
    environment: row.environment ?? "default",
    model: row.model,
    ...usageOf(row, costDetails),
    promptId: row.promptId,
    promptName: row.promptName,
    promptVersion: wholeNumber(row.promptVersion),
    modelId: null,
    inputPrice: null,
    outputPrice: null,
    totalPrice: null,
    latency: secondsBetween(row.startTime, endTime),
    timeToFirstToken: secondsBetween(row.startTime, row.completionStartTime),
    createdAt: wireTime(row.createdAt),
    updatedAt: wireTime(row.updatedAt),
  };
}

/** Every spelling of usage that a client may know. */
function usageOf(row: Head, costDetails: ObservationRow["costDetails"]) {
  const unit = row.usageUnit ?? "TOKENS";
  const [input, output, total] = [row.promptTokens ?? 0, row.completionTokens ?? 0, row.totalTokens ?? 0];
  const { inputCost, outputCost } = splitCost(costDetails);
  const totalCost = row.totalCost === null ? null : Number(row.totalCost);
  return {
    usage: { input, output, total, unit, inputCost, outputCost, totalCost },
    unit,
    promptTokens: input,
    completionTokens: output,
    totalTokens: total,
    calculatedInputCost: inputCost,
    calculatedOutputCost: outputCost,
    calculatedTotalCost: totalCost,
  };
}

/** Versions are stored as they were sent; clients know whole numbers only. */
export function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
