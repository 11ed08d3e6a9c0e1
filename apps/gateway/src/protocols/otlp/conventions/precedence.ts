import type { OtlpSpan } from "../otlp-span.ts";
import type { Convention, ObservationFields, TraceFields } from "./convention.ts";
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

/** The conventions that a span speaks, in order of precedence. */
export function conventionsOf(span: OtlpSpan): readonly Convention[] {
  const namespaces = new Set<string>();
  // Attributes of one namespace mostly follow each other.
  let latest = "";
  for (const key of span.attributes.keys()) {
    if (latest !== "" && key.startsWith(latest) && key[latest.length] === ".") continue;
    latest = namespaceOf(key);
    namespaces.add(latest);
  }
  for (const event of span.events) namespaces.add(namespaceOf(event.name));
  namespaces.add(namespaceOf(span.scope.name));
  return CONVENTIONS.filter((convention) => convention.namespaces?.some((name) => namespaces.has(name)) ?? true);
}

function namespaceOf(name: string): string {
  const dot = name.indexOf(".");
  return dot < 0 ? name : name.slice(0, dot);
}

export function observationField<F extends keyof ObservationFields>(
  conventions: readonly Convention[],
  field: F,
  span: OtlpSpan,
): ObservationFields[F] | undefined {
  for (const { observation } of conventions) {
    const value = observation?.[field]?.(span);
    if (value !== undefined) return value;
  }
  return undefined;
}

export function traceField<F extends keyof TraceFields>(
  conventions: readonly Convention[],
  field: F,
  span: OtlpSpan,
): TraceFields[F] | undefined {
  for (const { trace } of conventions) {
    const value = trace?.[field]?.(span);
    if (value !== undefined) return value;
  }
  return undefined;
}
