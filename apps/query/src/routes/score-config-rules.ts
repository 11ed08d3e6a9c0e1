import type { CreateScoreConfig, ScoreCategory } from "@xtrace/contract";
import type { ScoreConfigValues } from "@xtrace/db";
import { InvalidRequest } from "@xtrace/runtime";

/** Source: Langfuse, where every BOOLEAN config has these. */
const BOOLEAN_CATEGORIES: readonly ScoreCategory[] = [
  { label: "True", value: 1 },
  { label: "False", value: 0 },
];

/** A new config with what its data type brings along. Throws BAD_REQUEST where the data type forbids something. */
export function newScoreConfig(given: CreateScoreConfig): ScoreConfigValues {
  const { name, dataType, minValue = null, maxValue = null, categories = null, description = null } = given;
  if (dataType === "BOOLEAN" && categories !== null) refuse("categories", "those of BOOLEAN are made, not given");
  const made = dataType === "BOOLEAN" ? [...BOOLEAN_CATEGORIES] : categories;
  return allowed({ name, dataType, minValue, maxValue, categories: made, description, isArchived: false });
}

/** Source: Langfuse's rules between the fields of a score config. */
export function allowed(config: ScoreConfigValues): ScoreConfigValues {
  const { dataType, minValue, maxValue, categories } = config;
  if (dataType !== "NUMERIC" && minValue !== null) refuse("minValue", "only of NUMERIC");
  if (dataType !== "NUMERIC" && maxValue !== null) refuse("maxValue", "only of NUMERIC");
  if (minValue !== null && maxValue !== null && maxValue <= minValue) {
    refuse("maxValue", "expected to be greater than minValue");
  }
  switch (dataType) {
    case "NUMERIC":
    case "TEXT":
      if (categories !== null) refuse("categories", `not of ${dataType}`);
      break;
    case "CATEGORICAL":
      if (categories === null) refuse("categories", "expected a list of labels with their values");
      else refuseTwins(categories);
      break;
    case "BOOLEAN":
      if (JSON.stringify(categories?.map(toPair)) !== JSON.stringify(BOOLEAN_CATEGORIES.map(toPair))) {
        refuse("categories", "those of BOOLEAN cannot be changed");
      }
  }
  return config;
}

function refuseTwins(categories: readonly ScoreCategory[]): void {
  for (const key of ["label", "value"] as const) {
    if (new Set(categories.map((category) => category[key])).size < categories.length) {
      refuse("categories", `expected each ${key} once`);
    }
  }
}

function toPair({ label, value }: ScoreCategory): [string, number] {
  return [label, value];
}

function refuse(path: string, message: string): never {
  throw new InvalidRequest([{ path, message }]);
}
