import type { ObservationLevel } from "@xtrace/contract";

/** The names that loggers give to levels, in any case of letters. Source: Langfuse's alias table. */
export function levelOf(name: string): ObservationLevel | undefined {
  return LEVELS.get(name.trim().toLowerCase());
}

const ALIASES: Record<ObservationLevel, readonly string[]> = {
  DEBUG: ["debug", "trace", "verbose"],
  DEFAULT: ["default", "info", "log", "notice", "ok", "success"],
  WARNING: ["warning", "warn"],
  ERROR: ["error", "fatal", "critical"],
};

const LEVELS = new Map(
  Object.entries(ALIASES).flatMap(([level, names]) => names.map((name) => [name, level as ObservationLevel])),
);
