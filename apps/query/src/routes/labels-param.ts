import { z } from "@hono/zod-openapi";
import { cleanText } from "@xtrace/runtime";

const Labels = z.record(z.string(), z.string());

/** A JSON object of texts. Empty, or without a label, it counts as absent. */
export function labelsParam(description: string) {
  return z
    .string()
    .transform((text, context) => {
      if (text.trim() === "") return undefined;
      const labels = Labels.safeParse(parseJson(text));
      if (labels.success) return Object.keys(labels.data).length === 0 ? undefined : storable(labels.data);
      context.addIssue({ code: "custom", message: "expected a JSON object of texts" });
      return z.NEVER;
    })
    .optional()
    .openapi({ type: "string", description });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As the gateway stores them: a JSON escape can name what PostgreSQL keeps in no text, U+0000 and half a surrogate pair. */
function storable(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [cleanText(key), cleanText(value)]));
}
