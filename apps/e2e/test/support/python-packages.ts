/** Each generation of Langfuse's SDK for Python, in an environment of its own. */
export const LANGFUSE_VERSIONS = ["2.60.10", "3.15.0", "4.18.0", "5.0.4"] as const;

export function langfusePackages(version: (typeof LANGFUSE_VERSIONS)[number]): readonly string[] {
  return [`langfuse==${version}`];
}

export const OPENINFERENCE_PACKAGES: readonly string[] = [
  "openinference-instrumentation-openai==0.1.66",
  "openai==3.57.0",
  "opentelemetry-sdk==1.45.2",
  "opentelemetry-exporter-otlp-proto-http==1.45.2",
];
