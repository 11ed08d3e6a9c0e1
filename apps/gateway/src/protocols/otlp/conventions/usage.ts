import { isJsonObject, type JsonValue } from "@xtrace/contract";
import { isAmount, isCount } from "../../fields/usage.ts";
import { objectOf } from "../../fields/json-object.ts";
import { valueOfText } from "../json-text.ts";
import type { Amounts } from "./convention.ts";
import { numberOf } from "./read-attributes.ts";

/*
 * Usage under the keys that price lists know. The keys are disjoint: `input` leaves out what
 * stands under `input_…`, because cost is the sum over keys of amount times price. `total` is the
 * sender's own sum.
 */

/** By our key: the spellings of instrumentations, the one to prefer first. */
const SPELLINGS = {
  input: ["prompt_tokens", "input_tokens", "prompt"],
  output: ["completion_tokens", "output_tokens", "completion"],
  total: ["total_tokens", "total"],
  input_cached_tokens: [
    "cache_read.input_tokens",
    "cache_read_input_tokens",
    "cache_read_tokens",
    "prompt_details.cache_read",
    "prompt_details.cache_input",
    "input_token_details.cache_read",
    "input_cached_tokens",
    "cached_tokens",
  ],
  input_cache_creation: [
    "cache_creation.input_tokens",
    "cache_creation_input_tokens",
    "cache_write_input_tokens",
    "cache_write_tokens",
    "prompt_details.cache_write",
    "input_token_details.cache_creation",
    "input_cache_creation",
  ],
  input_audio_tokens: [
    "audio.input_tokens",
    "audio_input_tokens",
    "input_audio_tokens",
    "prompt_details.audio",
    "input_token_details.audio",
  ],
  output_reasoning_tokens: [
    "reasoning.output_tokens",
    "reasoning_tokens",
    "output_reasoning_tokens",
    "completion_details.reasoning",
    "output_token_details.reasoning",
  ],
  output_audio_tokens: [
    "audio.output_tokens",
    "audio_output_tokens",
    "output_audio_tokens",
    "completion_details.audio",
    "output_token_details.audio",
  ],
} as const;

type Bucket = keyof typeof SPELLINGS;

const BUCKETS = new Map<string, { readonly bucket: string; readonly order: number }>(
  Object.entries(SPELLINGS).flatMap(([bucket, names]) =>
    names.map((name, order) => [name, { bucket, order }] as const),
  ),
);

/** Counts that are part of `input` and `output` and have no price of their own. */
const MODALITY = /^(?:text|image|video)\.(?:input|output)_tokens$/;

/** What a provider called it, passed on. Anthropic's input leaves cached tokens out, so the sender's own count goes first. */
const DETAILS = "details.";
const AFTER_ALL_SPELLINGS = 100;
const PART = /^(?:input|output)_/;

/**
 * From counts by name, such as those below `gen_ai.usage.`. Names that nobody knows are kept.
 *
 * By the semantic conventions the counts of cached and written tokens are part of the input's. Some
 * instrumentations pass on what Anthropic answers, where they are not: the sender's total, or a
 * part larger than the whole, tells.
 */
export function usageFromCounts(sent: Iterable<readonly [string, JsonValue]>): Amounts | undefined {
  const usage = new Map<string, number>();
  const orders = new Map<string, number>();
  for (const [sentName, value] of countsOf(sent)) {
    const count = numberOf(value);
    if (!isCount(count)) continue;
    const isDetail = sentName.startsWith(DETAILS);
    const name = isDetail ? sentName.slice(DETAILS.length) : sentName;
    const known = BUCKETS.get(name) ?? { bucket: name, order: 0 };
    const { bucket } = known;
    const order = isDetail ? known.order + AFTER_ALL_SPELLINGS : known.order;
    // A part that nothing fell into says nothing, and not all who count the rest count it.
    if (count === 0 && PART.test(bucket)) continue;
    if (MODALITY.test(name) || order > (orders.get(bucket) ?? Number.POSITIVE_INFINITY)) continue;
    usage.set(bucket, count);
    orders.set(bucket, order);
  }
  if (usage.size === 0) return undefined;
  makeDisjoint(usage as Map<Bucket, number>);
  return objectOf(usage) as Amounts;
}

/** Counts may stand in an object, or in its JSON text: `input_token_details` is `{"cache_read":10}`. */
function countsOf(sent: Iterable<readonly [string, JsonValue]>): Array<readonly [string, JsonValue]> {
  const counts: Array<readonly [string, JsonValue]> = [];
  for (const [name, value] of sent) {
    const object = typeof value === "string" && value.startsWith("{") ? valueOfText(value) : value;
    if (!isJsonObject(object)) counts.push([name, value]);
    else for (const [part, count] of Object.entries(object)) counts.push([`${name}.${part}`, count]);
  }
  return counts;
}

function makeDisjoint(usage: Map<Bucket, number>): void {
  const of = (bucket: Bucket) => usage.get(bucket) ?? 0;
  const cache = of("input_cached_tokens") + of("input_cache_creation");
  const total = usage.get("total");
  const isApart = cache > of("input") || (total !== undefined && of("input") + of("output") + cache <= total);
  subtract(usage, "input", (isApart ? 0 : cache) + of("input_audio_tokens"));
  subtract(usage, "output", of("output_reasoning_tokens") + of("output_audio_tokens"));
}

function subtract(usage: Map<Bucket, number>, bucket: Bucket, part: number): void {
  const whole = usage.get(bucket);
  if (whole !== undefined && part > 0) usage.set(bucket, Math.max(whole - part, 0));
}

/** Under which names most tell the costs of input, output and all. */
export const COST_NAMES = [
  ["input", "input_cost"],
  ["output", "output_cost"],
  ["total", "total_cost"],
] as const;

/** US dollars by key, of what `valueOf` has under the name beside it. */
export function costFrom(
  names: ReadonlyArray<readonly [key: string, name: string]>,
  valueOf: (name: string) => JsonValue | undefined,
): Amounts | undefined {
  let costs: Record<string, number> | undefined;
  for (const [key, name] of names) {
    const cost = numberOf(valueOf(name));
    if (isAmount(cost)) (costs ??= {})[key] = cost;
  }
  return costs;
}
