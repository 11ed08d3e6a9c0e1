import type { JsonObject, JsonValue, ObservationEvent } from "@xtrace/contract";
import { cutText } from "./cut-text.ts";
import { setMember } from "./json-object.ts";

type Amounts = Record<string, number>;

/** As sent: `usage` is the older form, which may hold costs too; `usageDetails` and `costDetails` win over it. */
export type SentUsage = {
  readonly usage?: JsonObject | null | undefined;
  readonly usageDetails?: JsonObject | null | undefined;
  readonly costDetails?: JsonObject | null | undefined;
};

export function usageFields(sent: SentUsage): Pick<ObservationEvent, "usageDetails" | "usageUnit" | "costDetails"> {
  const { usage, usageDetails, costDetails } = sent;
  return {
    usageDetails: (usageDetails && unitsOf(usageDetails)) ?? (usage ? unitsOf(usage) : undefined),
    usageUnit: usage ? unitOf(usage) : undefined,
    costDetails: (costDetails && costsOf(costDetails)) ?? (usage ? costsWithin(usage) : undefined),
  };
}

/** How a kind of client names its counts. */
type Shape = {
  readonly input: string;
  readonly output: string;
  readonly total: string;
  readonly inputParts?: string;
  readonly outputParts?: string;
};

/** Sources: the usage objects of OpenAI's Chat Completions and Responses APIs; Langfuse's and xtrace's older clients. */
const SHAPES = withNames([
  {
    input: "prompt_tokens",
    output: "completion_tokens",
    total: "total_tokens",
    inputParts: "prompt_tokens_details",
    outputParts: "completion_tokens_details",
  },
  {
    input: "input_tokens",
    output: "output_tokens",
    total: "total_tokens",
    inputParts: "input_tokens_details",
    outputParts: "output_tokens_details",
  },
  { input: "promptTokens", output: "completionTokens", total: "totalTokens" },
]);

type NamedShape = Shape & { readonly names: ReadonlySet<string> };

function withNames(shapes: readonly Shape[]): readonly NamedShape[] {
  return shapes.map((shape) => ({ ...shape, names: new Set(Object.values(shape)) }));
}

function shapeOf(usage: JsonObject): NamedShape | undefined {
  if (isCount(usage["input"]) || isCount(usage["output"])) return undefined;
  return SHAPES.find((shape) => isCount(usage[shape.input]) || isCount(usage[shape.output]));
}

/**
 * Units by canonical key; `undefined` when nothing in `usage` is a count.
 *
 * The keys come out disjoint, because cost is a sum over them: what a client breaks down in
 * `…_details` gets a key of its own and is taken off the whole. Anything that is no whole number
 * from zero up is left out.
 */
export function unitsOf(usage: JsonObject): Amounts | undefined {
  const units = noAmounts();
  const shape = shapeOf(usage);
  if (shape) {
    addSplit(units, "input", usage[shape.input], shape.inputParts && usage[shape.inputParts]);
    addSplit(units, "output", usage[shape.output], shape.outputParts && usage[shape.outputParts]);
    const total = usage[shape.total];
    if (isCount(total)) put(units, "total", total);
  }
  for (const key in usage) {
    const value = usage[key];
    if (isCount(value) && !shape?.names.has(key) && !COST_KEYS.has(key)) add(units, key, value);
  }
  return amountsOf(units);
}

function addSplit(units: Gathered, kind: string, whole: JsonValue | undefined, parts: JsonValue | undefined) {
  let rest = isCount(whole) ? whole : undefined;
  if (typeof parts === "object" && parts !== null) {
    for (const [key, value] of Object.entries(parts)) {
      if (!isCount(value)) continue;
      add(units, `${kind}_${key}`, value);
      if (rest !== undefined) rest = Math.max(0, rest - value);
    }
  }
  if (rest !== undefined) put(units, kind, rest);
}

/** US dollars by usage key; `undefined` when nothing in `costs` is an amount. */
export function costsOf(costs: JsonObject): Amounts | undefined {
  const amounts = noAmounts();
  for (const key in costs) {
    const value = costs[key];
    if (isAmount(value)) add(amounts, key, value);
  }
  return amountsOf(amounts);
}

const COST_KEYS = new Set(["inputCost", "outputCost", "totalCost", "input_cost", "output_cost", "total_cost"]);

function costsWithin(usage: JsonObject): Amounts | undefined {
  return costsOf({
    input: usage["inputCost"] ?? usage["input_cost"] ?? null,
    output: usage["outputCost"] ?? usage["output_cost"] ?? null,
    total: usage["totalCost"] ?? usage["total_cost"] ?? null,
  });
}

function unitOf(usage: JsonObject): string | undefined {
  const { unit } = usage;
  if (typeof unit === "string" && unit !== "") return cutText(unit, MAX_KEY_LENGTH);
  return shapeOf(usage) ? "TOKENS" : undefined;
}

/** More keys than any price list has; a hostile body may hold a million. */
const MAX_KEYS = 100;
const MAX_KEY_LENGTH = 200;

/** Amounts as they are read. No map that becomes an object at the end: every observation has some. */
type Gathered = { readonly amounts: Amounts; size: number };

function noAmounts(): Gathered {
  return { amounts: {}, size: 0 };
}

/** The first amount of a name stays. */
function add(gathered: Gathered, key: string, value: number): void {
  if (gathered.size >= MAX_KEYS || key.length > MAX_KEY_LENGTH || Object.hasOwn(gathered.amounts, key)) return;
  put(gathered, key, value);
}

function put(gathered: Gathered, key: string, value: number): void {
  setMember(gathered.amounts, key, value);
  gathered.size += 1;
}

function amountsOf({ amounts, size }: Gathered): Amounts | undefined {
  return size === 0 ? undefined : amounts;
}

/** Beyond it is no measurement, and the sums over a project must stay within a `bigint`. */
const MAX_AMOUNT = 1e12;

export function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= MAX_AMOUNT;
}

export function isCount(value: unknown): value is number {
  return isAmount(value) && Number.isInteger(value);
}
