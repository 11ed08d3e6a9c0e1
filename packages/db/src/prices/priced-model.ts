import type { AttributeCondition, PricingCondition, PricingTier, UsageCondition } from "@xtrace/contract";
import { multiply, scalePrices, type Costs, type ScaledPrices } from "./decimal-price.ts";
import { guardedMatches } from "./guarded-match.ts";
import { compilePattern } from "./match-pattern.ts";
import type { ModelDefinition } from "./model-definition.ts";
import { countsInput } from "./price-keys.ts";

/** What of an observation decides about its price. */
export type PricedFacts = {
  readonly usageDetails: Readonly<Record<string, number>> | null;
  readonly modelParameters: Readonly<Record<string, unknown>> | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
};

/** The prices that an observation was written with: US dollars for one unit of all input, all output, of everything. */
export type AppliedPrices = {
  readonly tierId: string;
  readonly tierName: string;
  readonly input: number | null;
  readonly output: number | null;
  readonly total: number | null;
};

export type Pricing = { readonly applied: AppliedPrices; readonly costs: Costs | undefined };

export type PricedModel = {
  readonly id: string;
  readonly startDate: number | null;
  /** `totalUnits`: of all usage together, or `null` where no cost is to be computed. */
  price(facts: PricedFacts, totalUnits: number | null): Pricing;
};

type Tier = {
  readonly applied: AppliedPrices;
  readonly prices: ScaledPrices;
  readonly holds: ReadonlyArray<(facts: PricedFacts) => boolean>;
};

/** A model ready to compute with. Pure: the same facts have the same price. */
export function pricedModel({ id, startDate, pricingTiers }: ModelDefinition): PricedModel {
  const [standard, ...others] = pricingTiers.toSorted((a, b) => a.priority - b.priority).map(tierOf);
  if (!standard) throw new Error(`model ${id} has no prices`);
  const isInputOnly = pricingTiers.every(({ prices }) => Object.keys(prices).every(countsInput));
  return {
    id,
    startDate,
    price(told, totalUnits) {
      const facts = isInputOnly ? withTotalAsInput(told) : told;
      const tier = others.find(({ holds }) => holds.every((condition) => condition(facts))) ?? standard;
      const { usageDetails } = facts;
      const isToCompute = usageDetails !== null && totalUnits !== null;
      return {
        applied: tier.applied,
        costs: isToCompute ? multiply(tier.prices, usageDetails, totalUnits) : undefined,
      };
    },
  };
}

/**
 * Some clients tell nothing but the total of an embedding, Langfuse's for LlamaIndex with zeros beside it. Where only
 * input has a price, all of it was input.
 */
function withTotalAsInput(facts: PricedFacts): PricedFacts {
  const { usageDetails } = facts;
  const total = usageDetails?.["total"];
  if (total === undefined) return facts;
  for (const key in usageDetails) if (key !== "total" && usageDetails[key] !== 0) return facts;
  return { ...facts, usageDetails: { ...usageDetails, input: total } };
}

function tierOf({ id, name, conditions, prices }: PricingTier): Tier {
  const priceOf = (key: string) => prices[key] ?? null;
  return {
    applied: {
      tierId: id,
      tierName: name,
      input: priceOf("input"),
      output: priceOf("output"),
      total: priceOf("total"),
    },
    prices: scalePrices(prices),
    holds: conditions.map(conditionOf),
  };
}

function conditionOf(condition: PricingCondition): (facts: PricedFacts) => boolean {
  return "source" in condition ? attributeCondition(condition) : usageCondition(condition);
}

function attributeCondition({ source, key, values }: AttributeCondition): (facts: PricedFacts) => boolean {
  const accepted = new Set(values);
  return ({ modelParameters, metadata }) => {
    const value = (source === "metadata" ? metadata : modelParameters)?.[key];
    return typeof value === "string" && accepted.has(value);
  };
}

const COMPARE: Readonly<Record<UsageCondition["operator"], (a: number, b: number) => boolean>> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
};

/** More usage keys than clients have names for; what is remembered of a hostile one's is bounded. */
const MAX_REMEMBERED_KEYS = 1_000;

function usageCondition(condition: UsageCondition): (facts: PricedFacts) => boolean {
  const { usageDetailPattern, operator, value, caseSensitive } = condition;
  const pattern = compilePattern(usageDetailPattern, { ignoreCase: !caseSensitive });
  const compare = COMPARE[operator];
  const remembered = new Map<string, boolean>();
  const counts = (key: string): boolean => {
    const known = remembered.get(key);
    if (known !== undefined) return known;
    if (remembered.size >= MAX_REMEMBERED_KEYS) remembered.clear();
    const found = guardedMatches([pattern], key, () => {}).length > 0;
    remembered.set(key, found);
    return found;
  };
  return ({ usageDetails }) => {
    let sum = 0;
    for (const key in usageDetails) if (counts(key)) sum += usageDetails[key] as number;
    return compare(sum, value);
  };
}
