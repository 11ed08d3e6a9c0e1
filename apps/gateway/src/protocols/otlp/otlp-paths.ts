import { SIGNALS, type Signal } from "./signal.ts";

/** Langfuse's address, where its SDKs send traces to, and OTLP's own. */
export function pathsOf({ name }: Signal): readonly string[] {
  return [`/api/public/otel/v1/${name}`, `/v1/${name}`];
}

export const OTLP_PATHS: readonly string[] = SIGNALS.flatMap(pathsOf);
