import { z } from "@hono/zod-openapi";
import { Filter, type FilterCondition } from "@xtrace/contract";
import { filterProblem, type FilterColumns } from "@xtrace/db";

/**
 * A filter as JSON text, on these columns only. Every problem is named by its place in the filter; `problemsOf` finds
 * those between conditions.
 */
export function filterParam(columns: FilterColumns, problemsOf: (conditions: Filter) => readonly string[] = () => []) {
  return z
    .string()
    .transform((text, context) => {
      if (text === "") return undefined;
      const json = parseJson(text);
      if (json === undefined) {
        context.addIssue({ code: "custom", message: "expected JSON" });
        return z.NEVER;
      }
      const parsed = Filter.safeParse(json);
      const issues = parsed.success
        ? [...columnIssues(columns, parsed.data), ...problemsOf(parsed.data).map((message) => ({ path: [], message }))]
        : parsed.error.issues;
      for (const { path, message } of issues) context.addIssue({ code: "custom", path: [...path], message });
      return parsed.success && issues.length === 0 ? parsed.data : z.NEVER;
    })
    .optional()
    .openapi({
      type: "string",
      description: `JSON: [{"type", "column", "operator", "value", "key"?}]. Goes before a parameter on the same column. Columns: ${Object.keys(columns).join(", ")}.`,
    });
}

function columnIssues(columns: FilterColumns, conditions: Filter) {
  return conditions.flatMap((condition, index) => {
    const message = filterProblem(columns, condition);
    return message === undefined ? [] : [{ path: [index, "column"], message }];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Drops the plain parameters whose columns the filter names. Source: Langfuse, where the filter goes first. */
export function withoutFiltered<T extends object>(
  plain: T,
  conditions: readonly FilterCondition[] | undefined,
  columnOf: { readonly [Key in keyof T]?: string },
): T & { readonly conditions: readonly FilterCondition[] | undefined } {
  const filtered = new Set(conditions?.map(({ column }) => column));
  const kept = Object.entries(plain).filter(([name]) => !filtered.has(columnOf[name as keyof T] ?? name));
  return { ...(Object.fromEntries(kept) as T), conditions };
}
