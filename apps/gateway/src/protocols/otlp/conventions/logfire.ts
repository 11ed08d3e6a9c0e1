import type { ObservationLevel } from "@xtrace/contract";
import type { OtlpSpan } from "../otlp-span.ts";
import type { Convention } from "./convention.ts";
import { numberOf, text, value } from "./read-attributes.ts";
import { tagsOf } from "./tags.ts";

/**
 * Logfire, and instrumentations that name their spans for it: a span's name is a template, its
 * message what became of it.
 *
 * Source: logfire 5
 */
export const logfire: Convention = {
  name: "Logfire",
  namespaces: ["logfire"],
  observation: {
    type: ({ attributes }) => (attributes.get("logfire.span_type") === "log" ? "EVENT" : undefined),
    name: text("logfire.msg"),
    level: ({ attributes }) => {
      const number = numberOf(attributes.get("logfire.level_num"));
      return number === undefined ? undefined : levelOf(number);
    },
  },
  trace: {
    tags: (span) => tagsOf(tags(span)),
  },
  isMapped: (attribute) => MAPPED.has(attribute),
};

const tags = value("logfire.tags");

/** The last two say how to show what the others hold. */
const MAPPED = new Set(["logfire.msg", "logfire.tags", "logfire.json_schema", "logfire.span_type"]);

/** Severity numbers of OpenTelemetry's logs. A plain one leaves it to the span's status. */
function levelOf(severity: number): ObservationLevel | undefined {
  if (severity >= 17) return "ERROR";
  if (severity >= 13) return "WARNING";
  return severity < 9 ? "DEBUG" : undefined;
}

/**
 * Whether it says no more than that another span began, which comes with an id of its own when it
 * ends: kept, it would be one more child of it.
 */
export function isPending({ attributes }: OtlpSpan): boolean {
  return attributes.get("logfire.span_type") === "pending_span";
}
