import { LIMITS, type ScoreEvent } from "@xtrace/contract";
import type { ScoreConfigRow } from "./create-score-config.ts";

/** A score that says of itself that it follows a config, and does not. It will never fit, so its event becomes a dead letter. */
export class ScoreMisfitError extends Error {
  override readonly name = "ScoreMisfitError";
}

/**
 * The score as its config makes it: its name is the config's, whatever the sender called it, a category gets the number that
 * stands for it, and a sender who names no type means the config's, so 0 and 1 are what a BOOLEAN config takes them for, and
 * words are what a TEXT config does.
 *
 * Throws ScoreMisfitError, with the field first. Source: Langfuse, which refuses the same.
 */
export function fitScore(score: ScoreEvent, config: ScoreConfigRow): ScoreEvent {
  const refuse = (field: string, expected: string): never => {
    throw new ScoreMisfitError(`score ${score.id}: ${field}: ${expected}, as score config ${config.id} says`);
  };
  if (config.isArchived) refuse("configId", "expected one that is not archived");
  const typed = typedBy(config.dataType, { ...score, name: config.name });
  if (typed.dataType !== config.dataType) refuse("dataType", `expected ${config.dataType}`);
  if (typed.dataType === "NUMERIC") {
    const { minValue, maxValue } = config;
    const value = typed.value ?? 0;
    if (minValue !== null && value < minValue) refuse("value", `expected at least ${minValue}`);
    if (maxValue !== null && value > maxValue) refuse("value", `expected at most ${maxValue}`);
  }
  if (typed.dataType === "TEXT" && !fitsText(typed.stringValue ?? "")) {
    refuse("value", `expected 1 to ${LIMITS.maxScoreTextLength} characters`);
  }
  if (typed.dataType !== "CATEGORICAL") return typed;
  const category = (config.categories ?? []).find(({ label }) => label === typed.stringValue);
  return category ? { ...typed, value: category.value } : refuse("value", "expected one of the categories");
}

/** The gateway knows no configs: to it a bare number is NUMERIC, and a bare text CATEGORICAL. */
function typedBy(dataType: ScoreConfigRow["dataType"], score: ScoreEvent): ScoreEvent {
  const { value } = score;
  if (dataType === "BOOLEAN" && score.dataType === "NUMERIC" && (value === 0 || value === 1)) {
    return { ...score, dataType, stringValue: value === 1 ? "True" : "False" };
  }
  return dataType === "TEXT" && score.dataType === "CATEGORICAL" ? { ...score, dataType } : score;
}

function fitsText({ length }: string): boolean {
  return length > 0 && length <= LIMITS.maxScoreTextLength;
}
