import Big from "big.js";

/**
 * Prices of several usage keys over one power of ten, so that a cost is one multiplication of whole numbers and the
 * total one sum of them: exact, as decimals are, and a tenth of the time.
 */
export type ScaledPrices = {
  /** Digits after the point. */
  readonly scale: number;
  /** Ten to the power of `scale`. */
  readonly divisor: number;
  /** US dollars for one unit by usage key, times ten to the power of `scale`. */
  readonly units: ReadonlyMap<string, number>;
  /** The same as decimals, for amounts that whole numbers do not hold. */
  readonly exact: ReadonlyMap<string, Big>;
};

/** Ten to this power is the last that a double holds exactly. */
const MAX_SCALE = 22;

export function scalePrices(prices: Readonly<Record<string, number>>): ScaledPrices {
  const exact = new Map(Object.entries(prices).map(([key, price]) => [key, new Big(price)]));
  const scale = Math.max(0, ...[...exact.values()].map((price) => price.c.length - 1 - price.e));
  const units = [...exact].map(([key, price]) => [key, Number(price.times(new Big(10).pow(scale)).toFixed())] as const);
  const isSmall = scale <= MAX_SCALE && units.every(([, unit]) => Number.isSafeInteger(unit));
  return { scale, divisor: Number(`1e${scale}`), units: new Map(isSmall ? units : []), exact };
}

/** US dollars by usage key, and of all together as decimal text. */
export type Costs = { readonly costs: Readonly<Record<string, number>>; readonly total: string };

type Amounts = Readonly<Record<string, number>>;

/**
 * What units cost at prices; `undefined` where none of them has a price. A price for `total` is the price of all
 * units together: nothing else is added to it then.
 */
export function multiply(prices: ScaledPrices, amounts: Amounts, totalAmount: number): Costs | undefined {
  const { scale, divisor, units, exact } = prices;
  if (units.size < exact.size) return multiplyExactly(exact, amounts, totalAmount);
  const costs: Record<string, number> = {};
  let sum = 0;
  let isPriced = false;
  for (const key in amounts) {
    const price = key === "total" ? undefined : units.get(key);
    if (price === undefined) continue;
    const product = price * (amounts[key] as number);
    if (!Number.isSafeInteger(product)) return multiplyExactly(exact, amounts, totalAmount);
    // Both are exact, so this is the double that is nearest to the quotient.
    costs[key] = product / divisor;
    sum += product;
    isPriced = true;
  }
  const ofTotal = units.get("total");
  if (ofTotal === undefined && !isPriced) return undefined;
  const total = ofTotal === undefined ? sum : ofTotal * totalAmount;
  if (!Number.isSafeInteger(total)) return multiplyExactly(exact, amounts, totalAmount);
  costs["total"] = total / divisor;
  return { costs, total: decimalText(total, scale) };
}

function multiplyExactly(exact: ReadonlyMap<string, Big>, amounts: Amounts, totalAmount: number): Costs | undefined {
  const costs: Record<string, number> = {};
  let sum: Big | undefined;
  for (const [key, amount] of Object.entries(amounts)) {
    const cost = key === "total" ? undefined : exact.get(key)?.times(amount);
    if (!cost) continue;
    costs[key] = cost.toNumber();
    sum = sum?.plus(cost) ?? cost;
  }
  const total = exact.get("total")?.times(totalAmount) ?? sum;
  if (!total) return undefined;
  costs["total"] = total.toNumber();
  return { costs, total: total.toFixed() };
}

/** `whole` over ten to the power of `scale`, without needless zeros: 12500 over 5 is 0.125. */
function decimalText(whole: number, scale: number): string {
  if (scale === 0 || whole === 0) return String(whole);
  const digits = String(whole).padStart(scale + 1, "0");
  let end = digits.length;
  const point = end - scale;
  while (end > point && digits[end - 1] === "0") end -= 1;
  return end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`;
}
