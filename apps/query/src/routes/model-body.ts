import { randomUUID } from "node:crypto";
import type { ErrorDetail, JsonValue, ModelInput, PricingTier } from "@xtrace/contract";
import { compilePattern, PatternError, type ModelDefinition } from "@xtrace/db";
import { InvalidRequest } from "@xtrace/runtime";

/** The model that a body describes. Throws BAD_REQUEST, naming the field, for a pattern that cannot be used. */
export function modelOf<Key extends { readonly projectId: string; readonly id: string }>(
  input: ModelInput,
  key: Key,
): Omit<ModelDefinition, "createdAt"> & Key {
  refusePatterns(input);
  const { modelName, matchPattern, unit, startDate, tokenizerId, tokenizerConfig } = input;
  return {
    modelName,
    matchPattern,
    unit,
    startDate: startDate ? Date.parse(startDate) * 1_000 : null,
    tokenizerId: tokenizerId ?? null,
    tokenizerConfig: (tokenizerConfig ?? null) as JsonValue,
    pricingTiers: tiersOf(input, key.id),
    ...key,
  };
}

/** Prices without tiers make a single one. */
function tiersOf({ pricingTiers, inputPrice, outputPrice, totalPrice }: ModelInput, id: string): PricingTier[] {
  if (pricingTiers && pricingTiers.length > 0) return pricingTiers.map((tier) => ({ id: randomUUID(), ...tier }));
  const given = { input: inputPrice, output: outputPrice, total: totalPrice };
  const prices = Object.entries(given).flatMap(([key, price]) => (typeof price === "number" ? [[key, price]] : []));
  return [
    {
      id: `${id}_tier_default`,
      name: "Standard",
      isDefault: true,
      priority: 0,
      conditions: [],
      prices: Object.fromEntries(prices) as Record<string, number>,
    },
  ];
}

function refusePatterns({ matchPattern, pricingTiers }: ModelInput): void {
  const ofTiers = (pricingTiers ?? []).flatMap(({ conditions }, tier) =>
    conditions.flatMap((condition, place) =>
      "source" in condition
        ? []
        : [[`pricingTiers.${tier}.conditions.${place}.usageDetailPattern`, condition.usageDetailPattern] as const],
    ),
  );
  const details = [["matchPattern", matchPattern] as const, ...ofTiers].flatMap(([path, pattern]) => {
    const message = problemOf(pattern);
    return message === undefined ? [] : [{ path, message } satisfies ErrorDetail];
  });
  const [first] = details;
  if (first) throw new InvalidRequest(details, { message: `${first.path} ${first.message}` });
}

function problemOf(pattern: string): string | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}
