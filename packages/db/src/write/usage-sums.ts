import Big from "big.js";

/** Sums over observations, exact however large: what a rollup row holds, or what is added to one. */
export type UsageSums = {
  observationCount: number;
  promptTokens: bigint;
  completionTokens: bigint;
  totalTokens: bigint;
  /** US dollars; `null` is zero. */
  totalCost: Big | null;
};

export function noUsage(): UsageSums {
  return { observationCount: 0, promptTokens: 0n, completionTokens: 0n, totalTokens: 0n, totalCost: null };
}

export function addUsage(sums: UsageSums, added: Readonly<UsageSums>, sign: 1 | -1 = 1): void {
  sums.observationCount += sign * added.observationCount;
  sums.promptTokens = plus(sums.promptTokens, added.promptTokens, sign);
  sums.completionTokens = plus(sums.completionTokens, added.completionTokens, sign);
  sums.totalTokens = plus(sums.totalTokens, added.totalTokens, sign);
  if (added.totalCost === null) return;
  const cost = sums.totalCost ?? ZERO;
  sums.totalCost = sign === 1 ? cost.plus(added.totalCost) : cost.minus(added.totalCost);
}

/** Each result is a new object on the heap, so none is made that is not needed: this runs for every observation, several times. */
function plus(sum: bigint, added: bigint, sign: 1 | -1): bigint {
  if (added === 0n) return sum;
  return sign === 1 ? sum + added : sum - added;
}

const ZERO = new Big(0);

export function isNothing(sums: Readonly<UsageSums>): boolean {
  const { observationCount, promptTokens, completionTokens, totalTokens, totalCost } = sums;
  const hasTokens = promptTokens !== 0n || completionTokens !== 0n || totalTokens !== 0n;
  return observationCount === 0 && !hasTokens && (totalCost === null || totalCost.eq(ZERO));
}
