import { z } from "@hono/zod-openapi";
import { usFromIso } from "@xtrace/contract";

/*
 * Pieces that query schemas are made of. Hono hands a parameter over as text, and as a list of
 * texts when it is repeated. A U+0000 never gets here: the app refuses it for every route.
 */

/** Offsets beyond this are not looked for. */
const MAX_PAGE = 1_000_000_000;

export function pageParam() {
  return wholeNumber({ max: MAX_PAGE, default: 1 }).openapi({
    type: "integer",
    minimum: 1,
    maximum: MAX_PAGE,
    default: 1,
    description: "Page number, from 1.",
  });
}

/** A larger value is lowered to `max` instead of refused, as the Rust system does. */
export function limitParam(options: { default: number; max: number }) {
  return wholeNumber({ max: Number.MAX_SAFE_INTEGER, default: options.default })
    .transform((limit) => Math.min(limit, options.max))
    .openapi({
      type: "integer",
      minimum: 1,
      default: options.default,
      description: `Items per page; values over ${options.max} count as ${options.max}.`,
    });
}

/** As Langfuse takes it, of lists that the Rust system does not have: a larger value is refused. */
export function strictLimitParam({ max = 100, default: fallback = 50 }: { max?: number; default?: number } = {}) {
  return wholeNumber({ max, default: fallback }).openapi({
    type: "integer",
    minimum: 1,
    maximum: max,
    default: fallback,
    description: `Items per page, at most ${max}.`,
  });
}

/** An empty value counts as absent, as Langfuse has it. */
function wholeNumber({ max, default: fallback }: { readonly max: number; readonly default: number }) {
  const error = max >= MAX_PAGE ? "expected a whole number from 1" : `expected a whole number from 1 to ${max}`;
  return z.preprocess(
    (value) => (value === "" ? undefined : value),
    z.coerce.number({ error }).int({ error }).min(1, { error }).max(max, { error }).default(fallback),
  );
}

/** An empty value counts as absent. */
export function textParam(description: string) {
  return z
    .string()
    .transform((text) => (text === "" ? undefined : text))
    .optional()
    .openapi({ description });
}

/** Repeatable: `?tags=a&tags=b`. Empty values are dropped. */
export function listParam(description: string) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((value) => [value].flat().filter((text) => text !== ""))
    .default([])
    .openapi({ type: "array", items: { type: "string" }, description });
}

/** ISO 8601 with an offset, to Unix epoch microseconds. */
export function timeParam(description: string) {
  return z
    .string()
    .transform((text, context) => {
      if (text === "") return undefined;
      const timeUs = usFromIso(text.replace(UNESCAPED_PLUS, "+$1"));
      if (timeUs !== undefined) return Math.min(Math.max(timeUs, -MAX_TIME_US), MAX_TIME_US);
      context.addIssue({ code: "custom", message: "expected an ISO 8601 time with an offset or Z" });
      return z.NEVER;
    })
    .optional()
    .openapi({ type: "string", format: "date-time", description });
}

/** A `+` that nobody escaped arrives as a space. */
const UNESCAPED_PLUS = / (\d{2}:?\d{2})$/;

/** Times beyond are exact no more; nothing is stored there. */
const MAX_TIME_US = Number.MAX_SAFE_INTEGER;

/** `a,b`, also repeated; `undefined` when nothing was asked for. Unknown names are the caller's to ignore. */
export function namesParam(description: string) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((value) => {
      const names = [value].flat().flatMap((text) => text.split(",").map((name) => name.trim()));
      const given = names.filter((name) => name !== "");
      return given.length === 0 ? undefined : new Set(given);
    })
    .optional()
    .openapi({ type: "string", description });
}
