import type { Model } from "@xtrace/contract";
import type { ModelDefinition } from "@xtrace/db";
import { wireTime, wireTimeOrNull } from "./wire-time.ts";

export function presentModel(model: ModelDefinition): Model {
  const { id, projectId, modelName, matchPattern, unit, tokenizerId, tokenizerConfig, startDate, createdAt } = model;
  const pricingTiers = model.pricingTiers.toSorted((a, b) => a.priority - b.priority);
  const prices = pricingTiers.find(({ isDefault }) => isDefault)?.prices ?? {};
  return {
    id,
    modelName,
    matchPattern,
    startDate: wireTimeOrNull(startDate),
    unit,
    inputPrice: prices["input"] ?? null,
    outputPrice: prices["output"] ?? null,
    totalPrice: prices["total"] ?? null,
    tokenizerId,
    tokenizerConfig,
    isLangfuseManaged: projectId === null,
    createdAt: wireTime(createdAt),
    prices: Object.fromEntries(Object.entries(prices).map(([key, price]) => [key, { price }])),
    pricingTiers,
  };
}
