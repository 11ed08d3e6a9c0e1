import type { JsonObject } from "@xtrace/contract";
import type { StampedRow } from "../merge/merge-row.ts";
import type { PriceBook } from "../prices/price-book.ts";
import type { Row } from "./recordset.ts";
import { deriveCost, deriveUsage } from "./derive-usage.ts";

export const DERIVED_COLUMNS = [
  "promptTokens",
  "completionTokens",
  "totalTokens",
  "totalCost",
  "modelId",
  "appliedPrices",
  "calculatedCosts",
];

type Amounts = Readonly<Record<string, number>>;

/**
 * What follows from an observation's merged row and its key: sums over its usage, and what it cost. A cost that the sender gave is
 * taken as it is, without a look at any price; else each usage key that has a price is multiplied with it.
 */
export function deriveObservation(row: StampedRow, prices: PriceBook): Row {
  const usageDetails = row["usageDetails"] as Amounts | null;
  const costDetails = row["costDetails"] as Amounts | null;
  const { promptTokens, completionTokens, totalTokens } = deriveUsage(usageDetails);
  const givenCost = deriveCost(costDetails);
  const pricing = priceOf(row, prices, { usageDetails, totalTokens, isGiven: givenCost !== null });
  // Told one by one: this runs for every observation, and spreading took most of its time.
  return {
    promptTokens,
    completionTokens,
    totalTokens,
    totalCost: givenCost ?? pricing?.costs?.total ?? null,
    modelId: pricing?.modelId ?? null,
    appliedPrices: pricing?.applied ?? null,
    calculatedCosts: pricing?.costs?.costs ?? null,
  };
}

type Usage = { readonly usageDetails: Amounts | null; readonly totalTokens: number | null; readonly isGiven: boolean };

function priceOf(row: StampedRow, prices: PriceBook, { usageDetails, totalTokens, isGiven }: Usage) {
  const name = row["model"] as string | null;
  if (name === null) return undefined;
  const model = prices.find(row["projectId"] as string, name, row["startTime"] as number);
  if (!model) return undefined;
  const facts = {
    usageDetails,
    modelParameters: row["modelParameters"] as JsonObject | null,
    metadata: row["metadata"] as JsonObject | null,
  };
  const { applied, costs } = model.price(facts, isGiven ? null : totalTokens);
  return { modelId: model.id, applied, costs };
}
