import Big from "big.js";
import type { Row } from "./recordset.ts";

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
  if (added.totalCost !== null) sums.totalCost = plusCost(sums.totalCost, added.totalCost, sign);
}

/** Adds what one observation used, as its row says. */
export function addRow(sums: UsageSums, row: Row, sign: 1 | -1): void {
  sums.observationCount += sign;
  sums.promptTokens = plusCount(sums.promptTokens, row["promptTokens"], sign);
  sums.completionTokens = plusCount(sums.completionTokens, row["completionTokens"], sign);
  sums.totalTokens = plusCount(sums.totalTokens, row["totalTokens"], sign);
  const cost = row["totalCost"] as string | null;
  if (cost !== null) sums.totalCost = plusCost(sums.totalCost, new Big(cost), sign);
}

// Each result below is a new object on the heap, so none is made that is not needed: this runs for every observation, several times.

function plusCount(sum: bigint, count: unknown, sign: 1 | -1): bigint {
  return count === null || count === undefined ? sum : plus(sum, BigInt(count as number), sign);
}

function plusCost(sum: Big | null, cost: Big, sign: 1 | -1): Big {
  if (sum === null) return sign === 1 ? cost : ZERO.minus(cost);
  return sign === 1 ? sum.plus(cost) : sum.minus(cost);
}

function plus(sum: bigint, added: bigint, sign: 1 | -1): bigint {
  if (added === 0n) return sum;
  if (sum === 0n && sign === 1) return added;
  return sign === 1 ? sum + added : sum - added;
}

const ZERO = new Big(0);

export function isNothing(sums: Readonly<UsageSums>): boolean {
  const { observationCount, promptTokens, completionTokens, totalTokens, totalCost } = sums;
  const hasTokens = promptTokens !== 0n || completionTokens !== 0n || totalTokens !== 0n;
  return observationCount === 0 && !hasTokens && (totalCost === null || totalCost.eq(ZERO));
}
