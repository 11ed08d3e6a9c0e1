import { z } from "zod";
import { atMost, NonEmptyText } from "../bounded.ts";
import { paged } from "./page.ts";

/** Source: Langfuse's ModelUsageUnit. */
export const ModelUnit = z.enum(["TOKENS", "CHARACTERS", "MILLISECONDS", "SECONDS", "REQUESTS", "IMAGES"]);
export type ModelUnit = z.infer<typeof ModelUnit>;

/** The bound keeps any cost a number. */
const UnitPrice = z.number().nonnegative().max(1e9).describe("US dollars for one unit.");
const NullableUnitPrice = UnitPrice.nullable();

const UsageCondition = z.object({
  usageDetailPattern: NonEmptyText.refine(...atMost(200)).describe(
    "Regular expression; the units of all keys it finds are added.",
  ),
  operator: z.enum(["gt", "gte", "lt", "lte", "eq", "neq"]),
  value: z.number().nonnegative(),
  caseSensitive: z.boolean().default(false),
});
export type UsageCondition = z.infer<typeof UsageCondition>;

const AttributeCondition = z.object({
  source: z.enum(["model_parameters", "metadata"]),
  key: NonEmptyText.refine(...atMost(200)),
  operator: z.literal("in"),
  values: z.array(NonEmptyText).refine(({ length }) => length > 0, { error: "expected at least one value" }),
});
export type AttributeCondition = z.infer<typeof AttributeCondition>;

const PricingCondition = z.union([UsageCondition, AttributeCondition]);
export type PricingCondition = z.infer<typeof PricingCondition>;

const TierFields = {
  name: z
    .string()
    .trim()
    .pipe(NonEmptyText.refine(...atMost(100))),
  isDefault: z.boolean(),
  priority: z.int().min(0).max(999).describe("The lowest number of those whose conditions all hold applies."),
  conditions: z.array(PricingCondition),
  prices: z.record(z.string(), UnitPrice).describe("US dollars for one unit, by usage key."),
};

/** Prices that apply under conditions; those of the default tier apply where no other does. */
export const PricingTier = z.object({ id: z.string(), ...TierFields }).meta({ id: "PricingTier" });
export type PricingTier = z.infer<typeof PricingTier>;

/** What a model costs, and which names it goes by. Source: Langfuse's Model. */
export const Model = z
  .object({
    id: z.string(),
    modelName: z.string(),
    matchPattern: z.string().describe("Regular expression that names are matched with; `(?i)` in front ignores case."),
    startDate: z.iso.datetime().nullable().describe("Applies to observations that start then or later."),
    unit: ModelUnit.nullable(),
    inputPrice: NullableUnitPrice,
    outputPrice: NullableUnitPrice,
    totalPrice: NullableUnitPrice,
    tokenizerId: z.string().nullable(),
    tokenizerConfig: z.unknown(),
    isLangfuseManaged: z.boolean().describe("Built in: every project sees it and none can change it."),
    createdAt: z.iso.datetime(),
    prices: z.record(z.string(), z.object({ price: UnitPrice })).describe("Of the default tier."),
    pricingTiers: z.array(PricingTier),
  })
  .meta({ id: "Model" });
export type Model = z.infer<typeof Model>;

export const ModelList = paged(Model);

/** A model as it is made: with prices or with tiers, not with both. */
export const ModelInput = z
  .object({
    modelName: NonEmptyText.refine(...atMost(500)),
    matchPattern: NonEmptyText.refine(...atMost(1_000)),
    startDate: z.iso.datetime({ offset: true }).or(z.iso.date()).nullish(),
    unit: ModelUnit,
    inputPrice: NullableUnitPrice.optional(),
    outputPrice: NullableUnitPrice.optional(),
    totalPrice: NullableUnitPrice.optional(),
    pricingTiers: z
      .array(z.object({ ...TierFields, isDefault: z.boolean().default(false) }))
      .refine(...atMost(50))
      .nullish(),
    tokenizerId: z.enum(["openai", "claude"]).nullish(),
    tokenizerConfig: z.unknown().optional(),
  })
  .superRefine((model, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    const tiers = model.pricingTiers ?? [];
    const hasParts = isPrice(model.inputPrice) || isPrice(model.outputPrice);
    const isFlat = hasParts || isPrice(model.totalPrice);
    if (isFlat === tiers.length > 0) refuse("pricingTiers", "expected either prices or pricing tiers");
    if (hasParts && isPrice(model.totalPrice)) refuse("totalPrice", "has to be null beside an input or output price");
    for (const problem of problemsOfTiers(tiers)) refuse("pricingTiers", problem);
  });
export type ModelInput = z.infer<typeof ModelInput>;

function isPrice(price: number | null | undefined): boolean {
  return price !== null && price !== undefined;
}

/** Source: what Langfuse requires of pricing tiers. */
function* problemsOfTiers(tiers: NonNullable<ModelInput["pricingTiers"]>): Generator<string> {
  if (tiers.length === 0) return;
  const defaults = tiers.filter(({ isDefault }) => isDefault);
  const [only] = defaults;
  if (!only || defaults.length > 1) yield "expected exactly one default tier";
  else if (only.priority !== 0 || only.conditions.length > 0) {
    yield "the default tier has priority 0 and no conditions";
  }
  const keys = only && Object.keys(only.prices).toSorted().join("\n");
  for (const tier of tiers) {
    if (!tier.isDefault && tier.conditions.length === 0) yield "a tier that is not the default needs a condition";
    if (Object.keys(tier.prices).length === 0) yield "a tier needs a price";
    else if (keys !== undefined && Object.keys(tier.prices).toSorted().join("\n") !== keys) {
      yield "all tiers price the same usage keys";
    }
  }
  if (new Set(tiers.map(({ name }) => name)).size < tiers.length) yield "names of tiers are unique";
  if (new Set(tiers.map(({ priority }) => priority)).size < tiers.length) yield "priorities of tiers are unique";
}
