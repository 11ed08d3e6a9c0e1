import { z } from "zod";
import { atMost } from "../bounded.ts";
import { usFromIso } from "../time.ts";

/** A condition takes 3 parameters at most, and a statement 65,535. */
const MAX_CONDITIONS = 50;
const MAX_OPTIONS = 1_000;

const Text = z.string().refine((text) => !text.includes("\u0000"), { error: "holds U+0000" });
const Options = z.array(Text).refine(...atMost(MAX_OPTIONS));

/** ISO 8601 on the wire, Unix epoch microseconds behind it. */
export const TimeUs = z
  .string()
  .transform((text, context) => readTime(text, context, "expected an ISO 8601 time with an offset or Z"));

/** A day, or a time without an offset, is one of UTC: Langfuse takes these in filters, and nowhere else. */
const FilterTimeUs = z
  .string()
  .transform((text, context) => readTime(asUtc(text), context, "expected an ISO 8601 time or day"));

function readTime(text: string, context: z.RefinementCtx, message: string): number {
  const timeUs = usFromIso(text);
  if (timeUs !== undefined && Number.isSafeInteger(timeUs)) return timeUs;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}

function asUtc(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return `${text}T00:00:00Z`;
  return /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?$/.test(text) ? `${text}Z` : text;
}

const ORDER_OPERATORS = [">", "<", ">=", "<="] as const;
const NumberOperator = z.enum(["=", "<>", ...ORDER_OPERATORS]);
const StringOperator = z.enum(["=", "<>", "contains", "does not contain", "starts with", "ends with", "matches"]);
const OptionsOperator = z.enum(["any of", "none of"]);
const BooleanOperator = z.enum(["=", "<>"]);

const column = Text;
const key = Text;

/**
 * One condition on one column. `key` looks into an object, such as metadata.
 *
 * Source: Langfuse's filter grammar.
 */
export const FilterCondition = z.discriminatedUnion("type", [
  z.object({ type: z.literal("datetime"), column, operator: z.enum(["=", ...ORDER_OPERATORS]), value: FilterTimeUs }),
  z.object({ type: z.literal("string"), column, operator: StringOperator, value: Text }),
  z.object({ type: z.literal("number"), column, operator: NumberOperator, value: z.number() }),
  z.object({ type: z.literal("boolean"), column, operator: BooleanOperator, value: z.boolean() }),
  z.object({ type: z.literal("null"), column, operator: z.enum(["is null", "is not null"]) }),
  z.object({ type: z.literal("stringOptions"), column, operator: OptionsOperator, value: Options }),
  z.object({
    type: z.literal("arrayOptions"),
    column,
    operator: z.enum(["any of", "none of", "all of"]),
    value: Options,
  }),
  z.object({ type: z.literal("categoryOptions"), column, key, operator: OptionsOperator, value: Options }),
  z.object({ type: z.literal("stringObject"), column, key, operator: StringOperator, value: Text }),
  z.object({ type: z.literal("numberObject"), column, key, operator: NumberOperator, value: z.number() }),
  z.object({ type: z.literal("booleanObject"), column, key, operator: BooleanOperator, value: z.boolean() }),
]);
export type FilterCondition = z.infer<typeof FilterCondition>;

/** Conditions that all hold. */
export const Filter = z.array(FilterCondition).refine(...atMost(MAX_CONDITIONS));
export type Filter = z.infer<typeof Filter>;
