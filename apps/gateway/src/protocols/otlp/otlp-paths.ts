/** Langfuse's, where its SDKs send to, and OTLP's own. */
export const OTLP_PATHS: readonly string[] = ["/api/public/otel/v1/traces", "/v1/traces"];
