import { z } from "@hono/zod-openapi";

/** One of `choices`, in any case where they differ by nothing else. An empty value counts as absent. */
export function choiceParam<const T extends string>(choices: readonly T[], description: string) {
  return z
    .string()
    .transform((text, context) => {
      if (text === "") return undefined;
      const choice = choices.find((candidate) => candidate.toLowerCase() === text.trim().toLowerCase());
      if (choice !== undefined) return choice;
      context.addIssue({ code: "custom", message: `expected one of ${choices.join(", ")}` });
      return z.NEVER;
    })
    .optional()
    .openapi({ type: "string", enum: [...choices], description });
}

/** `a,b`, also repeated; each entry one of `choices`. */
export function choicesParam<const T extends string>(choices: readonly T[], description: string) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((value, context) => {
      const chosen = entriesOf(value).map((text) =>
        choices.find((choice) => choice.toLowerCase() === text.toLowerCase()),
      );
      if (chosen.every((choice) => choice !== undefined)) return chosen.length === 0 ? undefined : chosen;
      context.addIssue({ code: "custom", message: `expected only ${choices.join(", ")}` });
      return z.NEVER;
    })
    .optional()
    .openapi({ type: "string", description: `${description} Comma-separated: ${choices.join(", ")}.` });
}

/** `a,b`, also repeated; `undefined` when nothing was asked for. */
export function csvParam(description: string) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((value) => {
      const entries = entriesOf(value);
      return entries.length === 0 ? undefined : entries;
    })
    .optional()
    .openapi({ type: "string", description: `${description} Comma-separated.` });
}

function entriesOf(value: string | readonly string[]): string[] {
  const entries = [value].flat().flatMap((text) => text.split(","));
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== "");
}

/** A finite number; an empty value counts as absent. */
export function numberParam(description: string) {
  return z
    .string()
    .transform((text, context) => {
      if (text.trim() === "") return undefined;
      const value = Number(text);
      if (Number.isFinite(value)) return value;
      context.addIssue({ code: "custom", message: "expected a number" });
      return z.NEVER;
    })
    .optional()
    .openapi({ type: "number", description });
}
