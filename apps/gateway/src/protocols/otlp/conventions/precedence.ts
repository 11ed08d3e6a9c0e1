import type { OtlpSpan } from "../otlp-span.ts";
import { rememberByName } from "../remember-names.ts";
import type { Convention } from "./convention.ts";
import { dialectOfAll, type Dialect } from "./dialect.ts";
import { aiSdk } from "./ai-sdk.ts";
import { genAi } from "./gen-ai.ts";
import { genkit } from "./genkit.ts";
import { googleAdk } from "./google-adk.ts";
import { langfuse } from "./langfuse.ts";
import { langSmith } from "./langsmith.ts";
import { liteLlm } from "./litellm.ts";
import { logfire } from "./logfire.ts";
import { mlflow } from "./mlflow.ts";
import { openTelemetry } from "./open-telemetry.ts";
import { openInference } from "./openinference.ts";
import { openLlmetry } from "./openllmetry.ts";
import { plain } from "./plain.ts";
import { pydanticAi } from "./pydantic-ai.ts";

/**
 * The first that knows a field gives it. What a user sets by hand comes first; then those who say
 * more than the GenAI conventions where both are spoken; what every span has comes last.
 */
const CONVENTIONS: readonly Convention[] = [
  langfuse,
  openInference,
  langSmith,
  openLlmetry,
  liteLlm,
  aiSdk,
  genkit,
  googleAdk,
  pydanticAi,
  genAi,
  logfire,
  mlflow,
  plain,
  openTelemetry,
];

/** A bit for each convention. */
function bitsOf(isOne: (convention: Convention) => boolean): number {
  return CONVENTIONS.reduce((bits, convention, place) => (isOne(convention) ? bits | (1 << place) : bits), 0);
}

const SPOKEN_BY_ALL = bitsOf(({ namespaces }) => namespaces === undefined);

/** The conventions to whose vocabulary a name belongs. */
const speakersOf = rememberByName((name) => {
  const namespace = name.split(".", 1)[0] ?? "";
  return bitsOf(({ namespaces }) => namespaces?.includes(namespace) ?? false);
});

/** Senders use a few of all that are possible. */
const MAX_DIALECTS = 256;
const dialects = new Map<number, Dialect>();

/** Of the conventions that a span speaks, in order of precedence. */
export function dialectOf(span: OtlpSpan): Dialect {
  let spoken = SPOKEN_BY_ALL | speakersOf(span.scope.name);
  for (const name of span.attributes.keys()) spoken |= speakersOf(name);
  for (const event of span.events) spoken |= speakersOf(event.name);
  const known = dialects.get(spoken);
  if (known) return known;
  if (dialects.size >= MAX_DIALECTS) dialects.clear();
  const dialect = dialectOfAll(CONVENTIONS.filter((_, place) => spoken & (1 << place)));
  dialects.set(spoken, dialect);
  return dialect;
}
