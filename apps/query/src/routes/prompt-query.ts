import { z } from "@hono/zod-openapi";
import { pageParam, strictLimitParam, textParam, timeParam } from "./query-params.ts";

/** An empty one, and 0, count as absent. */
export const versionParam = z
  .string()
  .transform((text, context) => {
    if (text === "") return undefined;
    const version = Number(text);
    if (Number.isSafeInteger(version)) return version === 0 ? undefined : clamp(version);
    context.addIssue({ code: "custom", message: "expected a whole number" });
    return z.NEVER;
  })
  .optional()
  .openapi({ type: "integer", description: "A version's number." });

const MAX_INTEGER = 2_147_483_647;

/** No version has a number that PostgreSQL's integer does not hold, and none is looked for. */
function clamp(version: number): number {
  return Math.min(Math.max(version, -1), MAX_INTEGER);
}

const choice = { version: versionParam, label: textParam("A label; not together with a version.") };

type Choice = { readonly version?: number | undefined; readonly label?: string | undefined };
const isOneChoice = ({ version, label }: Choice) => version === undefined || label === undefined;
const NOT_BOTH = { path: ["label"], error: "expected a version or a label, not both" };

/** Which versions of a prompt. */
export const PromptChoiceQuery = z.object(choice).refine(isOneChoice, NOT_BOTH);

/** Which version of a prompt, and how to show it. */
export const PromptQuery = z
  .object({
    ...choice,
    resolve: z
      .enum(["true", "false"])
      .default("true")
      .transform((text) => text === "true")
      .openapi({ description: "`false` leaves references to other prompts as they were written." }),
  })
  .refine(isOneChoice, NOT_BOTH);

/** What came before labels. */
export const LegacyPromptQuery = z.object({ name: z.string(), version: versionParam });

export const PromptListQuery = z.object({
  page: pageParam(),
  limit: strictLimitParam({ default: 10 }),
  name: textParam("The prompt with this name."),
  label: textParam("Versions with this label."),
  tag: textParam("Prompts with this tag."),
  fromUpdatedAt: timeParam("Versions that were made or changed at or after this time."),
  toUpdatedAt: timeParam("Versions that were made or changed before this time."),
});
