import { isJsonObject, LIMITS, type CanonicalEvents, type JsonValue } from "@xtrace/contract";
import { cutText } from "./protocols/fields/cut-text.ts";

/** Fields that have to stay objects; what is cut of one becomes the only value in it. */
const OBJECT_FIELDS: ReadonlySet<string> = new Set(["metadata", "modelParameters"]);

/**
 * Cuts fields that are longer than LIMITS.maxFieldLength, with a mark that says how long they were. A value that
 * is no text is cut as its JSON. `bodyBytes` bounds what a field can be, so that usual requests are not looked at.
 */
export function boundFields(
  events: CanonicalEvents,
  bodyBytes: number,
): { readonly events: CanonicalEvents; readonly truncated: number } {
  if (bodyBytes <= LIMITS.maxFieldLength) return { events, truncated: 0 };
  let truncated = 0;

  function boundOne<T extends object>(event: T): T {
    const cut: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(event) as Array<[string, JsonValue]>) {
      const text = textIfTooLong(value);
      if (text === undefined) continue;
      truncated += 1;
      cut[name] = OBJECT_FIELDS.has(name) ? { [name]: marked(text) } : marked(text);
    }
    return { ...event, ...cut };
  }

  const bounded = {
    ...events,
    traces: events.traces.map(boundOne),
    observations: events.observations.map(boundOne),
    scores: events.scores.map(boundOne),
  };
  return truncated === 0 ? { events, truncated } : { events: bounded, truncated };
}

function textIfTooLong(value: JsonValue): string | undefined {
  const isMeasured = typeof value === "string" || Array.isArray(value) || isJsonObject(value);
  if (!isMeasured) return undefined;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LIMITS.maxFieldLength ? text : undefined;
}

function marked(text: string): string {
  return `${cutText(text, LIMITS.maxFieldLength)}… [xtrace: cut, was ${text.length} characters]`;
}
