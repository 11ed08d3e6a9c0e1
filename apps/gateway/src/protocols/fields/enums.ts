import { OBSERVATION_LEVELS, OBSERVATION_TYPES, type ObservationLevel, type ObservationType } from "@xtrace/contract";

/** In any case of letters; `undefined` for a type that nobody defined. */
export function observationTypeOf(text: string): ObservationType | undefined {
  return TYPES.get(text) ?? TYPES.get(text.toUpperCase());
}

/** In any case of letters; `undefined` for a level that nobody defined. */
export function observationLevelOf(text: string): ObservationLevel | undefined {
  return LEVELS.get(text) ?? LEVELS.get(text.toUpperCase());
}

const TYPES = new Map<string, ObservationType>(OBSERVATION_TYPES.map((type) => [type, type]));
const LEVELS = new Map<string, ObservationLevel>(OBSERVATION_LEVELS.map((level) => [level, level]));
