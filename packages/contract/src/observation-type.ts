import { z } from "zod";

/** Source: Langfuse's observation types, which OTLP spans of every convention are mapped to. */
export const OBSERVATION_TYPES = [
  "SPAN",
  "GENERATION",
  "EVENT",
  "AGENT",
  "TOOL",
  "CHAIN",
  "RETRIEVER",
  "EVALUATOR",
  "EMBEDDING",
  "GUARDRAIL",
] as const;

export const ObservationType = z.enum(OBSERVATION_TYPES);
export type ObservationType = z.infer<typeof ObservationType>;

export const OBSERVATION_LEVELS = ["DEBUG", "DEFAULT", "WARNING", "ERROR"] as const;
export const ObservationLevel = z.enum(OBSERVATION_LEVELS);
export type ObservationLevel = z.infer<typeof ObservationLevel>;

export const SCORE_DATA_TYPES = ["NUMERIC", "CATEGORICAL", "BOOLEAN", "TEXT", "CORRECTION"] as const;
export const ScoreDataType = z.enum(SCORE_DATA_TYPES);
export type ScoreDataType = z.infer<typeof ScoreDataType>;

export const SCORE_SOURCES = ["API", "ANNOTATION", "EVAL"] as const;
export const ScoreSource = z.enum(SCORE_SOURCES);
export type ScoreSource = z.infer<typeof ScoreSource>;
