import type { PricingTier } from "@xtrace/contract";
import file from "./built-in-models.json" with { type: "json" };
import { pricesByUsageKey, type MillionPrices } from "./price-keys.ts";
import type { ModelDefinition } from "./model-definition.ts";

type Row = {
  readonly id: string;
  readonly name: string;
  readonly match: string;
  readonly from?: string;
  readonly prices: MillionPrices;
  readonly above?: ReadonlyArray<{ readonly tokens: number; readonly prices: MillionPrices }>;
};

const ROWS: readonly Row[] = file.models;

/** When the prices were published. */
const CREATED_AT_US = Date.parse(file.source.date) * 1_000;

/** Every key that counts some of the input, cached or not. */
const INPUT_KEYS = "input|prompt|cache";

/**
 * The models that every project knows, in the order in which they are asked whether a name is theirs.
 *
 * Source: built-in-models.json, which `pnpm db:prices` makes of @pydantic/genai-prices.
 */
export const BUILT_IN_MODELS: readonly ModelDefinition[] = ROWS.map((row) => ({
  id: row.id,
  projectId: null,
  modelName: row.name,
  matchPattern: row.match,
  startDate: row.from === undefined ? null : Date.parse(row.from) * 1_000,
  unit: "TOKENS",
  tokenizerId: null,
  tokenizerConfig: null,
  pricingTiers: tiersOf(row),
  createdAt: CREATED_AT_US,
}));

function tiersOf({ id, prices, above = [] }: Row): PricingTier[] {
  const standard = {
    id: `${id}_tier_default`,
    name: "Standard",
    isDefault: true,
    priority: 0,
    conditions: [],
    prices: pricesByUsageKey(prices),
  };
  const long = above.map(({ tokens, prices: ofTier }, index) => ({
    id: `${id}_tier_${tokens}`,
    name: `More than ${tokens} input tokens`,
    isDefault: false,
    priority: index + 1,
    conditions: [{ usageDetailPattern: INPUT_KEYS, operator: "gt" as const, value: tokens, caseSensitive: false }],
    prices: pricesByUsageKey(ofTier),
  }));
  return [standard, ...long];
}
