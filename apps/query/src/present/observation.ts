import type { ObservationView } from "@xtrace/contract";
import { splitCost, type ObservationRow, type ObservationText } from "@xtrace/db";
import { endNotBefore, secondsBetween, wireTime, wireTimeOrNull } from "./wire-time.ts";

/**
 * A stored observation as it is read back.
 *
 * Prices are those that it was written with; costs are the sender's, else what was computed then. Usage and costs have
 * a `total`, also where the sender told none. What `unit` says when nobody said it is Langfuse's "TOKENS".
 */
export function presentObservation(row: ObservationRow): ObservationView {
  const { modelParameters, input, output, metadata } = row;
  return {
    ...presentHead(row),
    modelParameters,
    input,
    output,
    metadata: metadata ?? {},
  };
}

/** The same as JSON text, made without a look into the JSON that the client sent. */
export function printObservation(row: ObservationText): string {
  const { modelParameters, input, output, metadata } = row;
  const head = presentHead({
    ...row,
    usageDetails: parsed(row.usageDetails),
    costDetails: parsed(row.costDetails),
    appliedPrices: parsed(row.appliedPrices),
    calculatedCosts: parsed(row.calculatedCosts),
  });
  return `${JSON.stringify(head).slice(0, -1)},"modelParameters":${modelParameters ?? "null"},"input":${
    input ?? "null"
  },"output":${output ?? "null"},"metadata":${metadata ?? "{}"}}`;
}

/** Of what is small and has few keys, unlike what else is JSON. */
function parsed<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}

type Head = Omit<ObservationRow, JsonProperty>;
type JsonProperty = "modelParameters" | "input" | "output" | "metadata";

function presentHead(row: Head): Omit<ObservationView, JsonProperty> {
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
    ...usageOf(row),
    promptId: row.promptId,
    promptName: row.promptName,
    promptVersion: wholeNumber(row.promptVersion),
    modelId: row.modelId,
    inputPrice: row.appliedPrices?.input ?? null,
    outputPrice: row.appliedPrices?.output ?? null,
    totalPrice: row.appliedPrices?.total ?? null,
    usagePricingTierId: row.appliedPrices?.tierId ?? null,
    usagePricingTierName: row.appliedPrices?.tierName ?? null,
    latency: secondsBetween(row.startTime, endTime),
    timeToFirstToken: secondsBetween(row.startTime, row.completionStartTime),
    createdAt: wireTime(row.createdAt),
    updatedAt: wireTime(row.updatedAt),
  };
}

/** Every spelling of usage that a client may know. */
function usageOf(row: Head) {
  const unit = row.usageUnit ?? "TOKENS";
  const [input, output, total] = [row.promptTokens ?? 0, row.completionTokens ?? 0, row.totalTokens ?? 0];
  const { usageDetails, costDetails, totalCost } = amountsOf(row);
  const { inputCost, outputCost } = splitCost(costDetails);
  return {
    usage: { input, output, total, unit, inputCost, outputCost, totalCost },
    usageDetails,
    costDetails,
    unit,
    promptTokens: input,
    completionTokens: output,
    totalTokens: total,
    calculatedInputCost: inputCost,
    calculatedOutputCost: outputCost,
    calculatedTotalCost: totalCost,
  };
}

/** Usage and costs by key, each with its `total`; empty where nothing is known. */
export function amountsOf(
  row: Pick<ObservationRow, "usageDetails" | "totalTokens" | "costDetails" | "calculatedCosts" | "totalCost">,
) {
  const totalCost = row.totalCost === null ? null : Number(row.totalCost);
  return {
    usageDetails: withTotal(row.usageDetails, row.totalTokens),
    costDetails: row.calculatedCosts ?? withTotal(row.costDetails, totalCost),
    totalCost,
  };
}

function withTotal(amounts: Readonly<Record<string, number>> | null, total: number | null): Record<string, number> {
  return total === null ? { ...amounts } : { ...amounts, total };
}

/** Versions are stored as they were sent; clients know whole numbers only. */
export function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
