import { stampOf, type ScoreEvent } from "@xtrace/contract";
import { expect, test } from "vitest";
import type { ScoreConfigRow } from "./create-score-config.ts";
import { fitScore } from "./fit-score.ts";

const SCORE: ScoreEvent = {
  id: "s",
  stamp: stampOf(1),
  timestampUs: 1,
  name: "quality",
  dataType: "NUMERIC",
  value: 1,
  stringValue: null,
  traceId: "t",
  source: "API",
};

const CONFIG: ScoreConfigRow = {
  projectId: "p",
  id: "c",
  name: "quality",
  dataType: "NUMERIC",
  isArchived: false,
  minValue: 0,
  maxValue: 5,
  categories: null,
  description: null,
  createdAt: 0,
  updatedAt: 0,
};

const CATEGORIES = {
  ...CONFIG,
  dataType: "CATEGORICAL",
  minValue: null,
  maxValue: null,
  categories: [
    { label: "bad", value: 0 },
    { label: "good", value: 7 },
  ],
} as const satisfies Partial<ScoreConfigRow>;

const TEXT = { ...CONFIG, dataType: "TEXT", minValue: null, maxValue: null } as const;

const BOOLEAN = { ...CONFIG, dataType: "BOOLEAN", minValue: null, maxValue: null } as const;

test.each([
  ["a number within the bounds", SCORE, CONFIG, SCORE],
  ["the bounds themselves", { ...SCORE, value: 5 }, CONFIG, { ...SCORE, value: 5 }],
  [
    "any number without bounds",
    { ...SCORE, value: -1e9 },
    { ...CONFIG, minValue: null, maxValue: null },
    { value: -1e9 },
  ],
  [
    "a category",
    { ...SCORE, dataType: "CATEGORICAL", value: null, stringValue: "good" },
    CATEGORIES,
    { value: 7, stringValue: "good" },
  ],
  [
    "a boolean",
    { ...SCORE, dataType: "BOOLEAN", value: 0, stringValue: "False" },
    BOOLEAN,
    { value: 0, stringValue: "False" },
  ],
  ["1 as true", SCORE, BOOLEAN, { dataType: "BOOLEAN", value: 1, stringValue: "True" }],
  [
    "a text",
    { ...SCORE, dataType: "TEXT", value: null, stringValue: "fine" },
    TEXT,
    { dataType: "TEXT", value: null, stringValue: "fine" },
  ],
  [
    "a text whose sender left its type to the config",
    { ...SCORE, dataType: "CATEGORICAL", value: null, stringValue: "x".repeat(500) },
    TEXT,
    { dataType: "TEXT", value: null, stringValue: "x".repeat(500) },
  ],
  ["a score of another name for one of the config's", { ...SCORE, name: "tone" }, CONFIG, { name: "quality" }],
  ["0 as false", { ...SCORE, value: 0 }, BOOLEAN, { dataType: "BOOLEAN", value: 0, stringValue: "False" }],
] as const)("takes %s", (_, score, config, expected) => {
  expect(fitScore(score, config)).toMatchObject(expected);
});

test.each([
  [SCORE, { ...CONFIG, isArchived: true }, "configId: expected one that is not archived"],
  [{ ...SCORE, value: -0.1 }, CONFIG, "value: expected at least 0"],
  [{ ...SCORE, value: 5.1 }, CONFIG, "value: expected at most 5"],
  [SCORE, CATEGORIES, "dataType: expected CATEGORICAL"],
  [SCORE, TEXT, "dataType: expected TEXT"],
  [
    { ...SCORE, dataType: "CATEGORICAL", value: null, stringValue: "x".repeat(501) },
    TEXT,
    "value: expected 1 to 500 characters",
  ],
  [{ ...SCORE, dataType: "CATEGORICAL", value: null, stringValue: "" }, TEXT, "value: expected 1 to 500 characters"],
  [{ ...SCORE, value: 2 }, BOOLEAN, "dataType: expected BOOLEAN"],
  [
    { ...SCORE, dataType: "CATEGORICAL", value: null, stringValue: "fine" },
    CATEGORIES,
    "value: expected one of the categories",
  ],
  [{ ...SCORE, dataType: "TEXT", value: null, stringValue: "good" }, CATEGORIES, "dataType: expected CATEGORICAL"],
] as const)("refuses what does not fit: %j", (score, config, problem) => {
  expect(() => fitScore(score, config)).toThrow(`score s: ${problem}, as score config c says`);
});
