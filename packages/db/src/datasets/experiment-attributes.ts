import { isJsonObject, type JsonObject } from "@xtrace/contract";

/** What a span says of its experiment, by the attribute's name behind `langfuse.experiment.`. */
export type ExperimentAttributes = {
  text(name: string): string | null;
  /** What was written as JSON text; any other text is itself. */
  json(name: string): unknown;
  /** An object: JSON text in one attribute, or an attribute a key, as the Python client has it. */
  object(name: string): unknown;
};

const PREFIX = "langfuse.experiment.";

/** Reads the attributes that an OTLP span keeps in its metadata. */
export function experimentAttributesOf(metadata: JsonObject | null): ExperimentAttributes {
  const kept = metadata?.["attributes"];
  const attributes = isJsonObject(kept) ? kept : {};
  const text = (name: string) => {
    const value = attributes[`${PREFIX}${name}`];
    if (value === undefined || value === null) return null;
    return typeof value === "string" ? value : JSON.stringify(value);
  };
  return {
    text,
    json: (name) => read(text(name)),
    object(name) {
      const whole = read(text(name));
      if (whole !== null) return whole;
      const prefix = `${PREFIX}${name}.`;
      const parts = Object.entries(attributes).filter(([key]) => key.startsWith(prefix));
      if (parts.length === 0) return null;
      return Object.fromEntries(
        parts.map(([key, value]) => [key.slice(prefix.length), typeof value === "string" ? read(value) : value]),
      );
    },
  };
}

/** A number that would not come back as it was written, such as an id of twenty digits, is a name. */
function read(text: string | null): unknown {
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "number" && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}
