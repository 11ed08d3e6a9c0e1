import { normalizeEnvironment } from "../../fields/environment.ts";
import { SPAN_STATUS_ERROR, type OtlpSpan } from "../otlp-span.ts";
import type { Convention } from "./convention.ts";
import { text, textAlsoOnResource, textAt } from "./read-attributes.ts";

/** What every OpenTelemetry span says, whatever it is about. Asked last. */
export const openTelemetry: Convention = {
  name: "OpenTelemetry",
  observation: {
    name: (span) => span.name || undefined,
    level: (span) => (isError(span) ? "ERROR" : undefined),
    statusMessage: (span) => span.status.message || (isError(span) ? errorOf(span) : undefined),
    version: textAlsoOnResource("service.version"),
    environment: (span) => {
      const environment = deploymentEnvironment(span);
      return environment === undefined ? undefined : normalizeEnvironment(environment);
    },
  },
  trace: {
    userId: text("enduser.id"),
  },
};

const deploymentEnvironment = textAlsoOnResource("deployment.environment.name", "deployment.environment");

function isError(span: OtlpSpan): boolean {
  return span.status.code === SPAN_STATUS_ERROR;
}

/** Of the last exception, which is the one that was not handled. */
function errorOf(span: OtlpSpan): string | undefined {
  const exception = span.events.findLast((event) => event.name === "exception");
  const parts = exception
    ? ["exception.type", "exception.message"].map((key) => textAt(exception.attributes, key))
    : [];
  return parts.filter((part) => part !== undefined).join(": ") || textAt(span.attributes, "error.type");
}
