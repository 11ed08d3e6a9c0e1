import Big from "big.js";

/** US dollars; `null` where no such cost was given. */
export type CostParts = { readonly inputCost: number | null; readonly outputCost: number | null };

/** The sums of the costs under keys that start with "input" and with "output", added as decimals: 0.1 + 0.2 is 0.3. */
export function splitCost(costDetails: Readonly<Record<string, number>> | null): CostParts {
  const entries = Object.entries(costDetails ?? {});
  const sumOf = (prefix: string) => {
    const values = entries.filter(([key]) => key.startsWith(prefix)).map(([, value]) => value);
    if (values.length === 0) return null;
    return values.reduce((total, value) => total.plus(value), new Big(0)).toNumber();
  };
  return { inputCost: sumOf("input"), outputCost: sumOf("output") };
}

/** A price without an exponent: 0.0000025, not 2.5e-6. */
export function decimalText(price: number): string {
  return new Big(price).toFixed();
}
