import { isJsonObject, type ObservationEvent } from "@xtrace/contract";
import { cutName } from "../fields/cut-text.ts";
import { costsOf, usageFields } from "../fields/usage.ts";
import type { ObservationFields } from "./wire.ts";

type Amounts = Record<string, number>;

/**
 * Usage and cost out of their three native spellings.
 *
 * Usage: the `usage` object, filled up with `promptTokens`, `completionTokens` and `totalTokens`.
 * Cost: the first that is given of `costDetails`, `calculated…Cost`, costs within `usage`, and the
 * unit prices times the units.
 */
export function nativeUsage(
  fields: ObservationFields,
): Pick<ObservationEvent, "usageDetails" | "usageUnit" | "costDetails"> {
  const usage = fields.usage !== undefined && isJsonObject(fields.usage) ? fields.usage : undefined;
  const { usageDetails, usageUnit, costDetails } = usageFields({ usage, usageDetails: fields.usageDetails });
  const tokens = byKey(fields.promptTokens, fields.completionTokens, fields.totalTokens);
  const units = tokens ? { ...tokens, ...usageDetails } : usageDetails;
  return {
    usageDetails: units,
    usageUnit: cutName(fields.unit || undefined) ?? usageUnit,
    costDetails:
      (fields.costDetails && costsOf(fields.costDetails)) ??
      byKey(fields.calculatedInputCost, fields.calculatedOutputCost, fields.calculatedTotalCost) ??
      costDetails ??
      priced(fields, units),
  };
}

function byKey(input: number | undefined, output: number | undefined, total: number | undefined): Amounts | undefined {
  if (input === undefined && output === undefined && total === undefined) return undefined;
  const amounts: Amounts = {};
  if (input !== undefined) amounts["input"] = input;
  if (output !== undefined) amounts["output"] = output;
  if (total !== undefined) amounts["total"] = total;
  return amounts;
}

/** Prices are dollars per unit, as in the objects that Langfuse reads back; without units they say nothing. */
function priced(fields: ObservationFields, units: Amounts | undefined) {
  return byKey(
    product(fields.inputPrice, units?.["input"]),
    product(fields.outputPrice, units?.["output"]),
    product(fields.totalPrice, units?.["total"]),
  );
}

/** Twelve digits are more than a price has, and drop the noise of binary fractions. */
function product(price: number | undefined, units: number | undefined): number | undefined {
  return price === undefined || units === undefined ? undefined : Number((price * units).toPrecision(12));
}
