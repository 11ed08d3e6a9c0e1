import Big from "big.js";

export type UsageSums = {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly totalTokens: number | null;
};

/**
 * Sums over usage keys: `promptTokens` over all that start with "input", `completionTokens` over
 * "output", and `totalTokens` the sender's own total, else the sum of all. Whole numbers, because
 * tokens are; `null` where nothing was said.
 *
 * Source: how Langfuse reduces usage details to input, output and total.
 */
export function deriveUsage(usageDetails: Readonly<Record<string, number>> | null): UsageSums {
  return (usageDetails && sumOfWhole(usageDetails)) ?? sumOfAny(usageDetails);
}

/** Counts are nearly always whole, and then need no decimals; `undefined` where they are not. */
function sumOfWhole(usageDetails: Readonly<Record<string, number>>): UsageSums | undefined {
  let promptTokens: number | null = null;
  let completionTokens: number | null = null;
  let sum: number | null = null;
  for (const key in usageDetails) {
    const count = usageDetails[key] as number;
    if (!Number.isSafeInteger(count)) return undefined;
    if (key === "total") continue;
    sum = (sum ?? 0) + count;
    if (!Number.isSafeInteger(sum)) return undefined;
    if (key.startsWith("input")) promptTokens = (promptTokens ?? 0) + count;
    else if (key.startsWith("output")) completionTokens = (completionTokens ?? 0) + count;
  }
  return { promptTokens, completionTokens, totalTokens: usageDetails["total"] ?? sum };
}

function sumOfAny(usageDetails: Readonly<Record<string, number>> | null): UsageSums {
  const sums = sumByKind(usageDetails);
  return {
    promptTokens: toTokens(sums?.input),
    completionTokens: toTokens(sums?.output),
    totalTokens: toTokens(sums?.total),
  };
}

/** US dollars, exact, as decimal text; `null` where no cost was given. */
export function deriveCost(costDetails: Readonly<Record<string, number>> | null): string | null {
  return sumByKind(costDetails)?.total?.toFixed() ?? null;
}

type Sums = { readonly input: Big | null; readonly output: Big | null; readonly total: Big | null };

function sumByKind(details: Readonly<Record<string, number>> | null): Sums | null {
  const entries = Object.entries(details ?? {});
  if (entries.length === 0) return null;
  const parts = entries.filter(([key]) => key !== "total");
  const given = entries.find(([key]) => key === "total");
  return {
    input: sum(parts.filter(([key]) => key.startsWith("input"))),
    output: sum(parts.filter(([key]) => key.startsWith("output"))),
    total: given ? new Big(given[1]) : sum(parts),
  };
}

function sum(entries: ReadonlyArray<[string, number]>): Big | null {
  if (entries.length === 0) return null;
  return entries.reduce((total, [, value]) => total.plus(value), new Big(0));
}

function toTokens(value: Big | null | undefined): number | null {
  if (!value) return null;
  return Math.min(Math.round(value.toNumber()), Number.MAX_SAFE_INTEGER);
}
