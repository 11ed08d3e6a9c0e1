import type { JsonValue, ModelUnit, PricingTier } from "@xtrace/contract";

/** A model and its prices. Times are Unix epoch microseconds. */
export type ModelDefinition = {
  readonly id: string;
  /** `null`: built in, for every project. */
  readonly projectId: string | null;
  readonly modelName: string;
  readonly matchPattern: string;
  /** Applies to observations that start then or later. */
  readonly startDate: number | null;
  readonly unit: ModelUnit;
  readonly tokenizerId: string | null;
  readonly tokenizerConfig: JsonValue;
  /** By priority; the default tier is the first. */
  readonly pricingTiers: readonly PricingTier[];
  readonly createdAt: number;
};
