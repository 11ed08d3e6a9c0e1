import { readFile } from "node:fs/promises";
import { waitForUpdate, type MatchLogic, type ModelInfo, type ModelPrice, type Provider } from "@pydantic/genai-prices";
import { compilePattern } from "../../src/prices/match-pattern.ts";
import type { MillionPrices, PriceKey } from "../../src/prices/price-keys.ts";
import { namePattern } from "./name-pattern.ts";
import { PROVIDERS, type ProviderNames } from "./providers.ts";

/** The release that the list is made of; npm tells the day. Raise both together. */
const RELEASE = { version: "0.1.8", date: "2026-09-23" } as const;

/** As a row of the file. Prices are US dollars for a million units. */
export type BuiltInRow = {
  readonly id: string;
  readonly name: string;
  readonly match: string;
  /** The day from which on the prices hold. */
  readonly from?: string;
  readonly prices: MillionPrices;
  /** Prices of observations with more input than so many tokens; the highest bound first. */
  readonly above?: ReadonlyArray<{ readonly tokens: number; readonly prices: MillionPrices }>;
};

/** The package's price keys in ours. `…_kcount` are US dollars for a thousand. Others have no usage key here. */
const KEYS: Readonly<Record<string, { readonly key: PriceKey; readonly per?: number }>> = {
  input_mtok: { key: "input" },
  output_mtok: { key: "output" },
  cache_read_mtok: { key: "cached" },
  cache_write_mtok: { key: "cacheWrite" },
  cache_write_1h_mtok: { key: "cacheWrite1h" },
  output_reasoning_mtok: { key: "reasoning" },
  input_audio_mtok: { key: "inputAudio" },
  cache_audio_read_mtok: { key: "cachedAudio" },
  output_audio_mtok: { key: "outputAudio" },
  input_image_mtok: { key: "inputImage" },
  cache_image_read_mtok: { key: "cachedImage" },
  output_image_mtok: { key: "outputImage" },
  input_video_mtok: { key: "inputVideo" },
  output_video_mtok: { key: "outputVideo" },
  web_searches_kcount: { key: "webSearch", per: 1_000 },
};

/** The text of built-in-models.json, from the installed release of the package. One model a line. */
export async function builtInModelsText(): Promise<string> {
  const manifest = new URL("../package.json", import.meta.resolve("@pydantic/genai-prices"));
  const { version, license, repository } = JSON.parse(await readFile(manifest, "utf8")) as {
    version: string;
    license: string;
    repository: { url: string };
  };
  if (version !== RELEASE.version) throw new Error(`expected genai-prices ${RELEASE.version}, found ${version}`);
  const source = { package: "@pydantic/genai-prices", ...RELEASE, licence: license, url: repository.url };
  const rows = (await builtInRows()).map((row) => `    ${JSON.stringify(row)}`);
  return `{\n  "source": ${JSON.stringify(source)},\n  "models": [\n${rows.join(",\n")}\n  ]\n}\n`;
}

async function builtInRows(): Promise<BuiltInRow[]> {
  const providers = (await waitForUpdate()) ?? [];
  const rows = PROVIDERS.flatMap((names) => {
    const provider = providers.find(({ id }) => id === names.id);
    if (!provider) throw new Error(`no provider ${names.id}`);
    return rowsOf(provider, names);
  });
  if (new Set(rows.map(({ id }) => id)).size < rows.length) throw new Error("two models have the same id");
  return rows;
}

function rowsOf(provider: Provider, names: ProviderNames): BuiltInRow[] {
  return inPrecedence(provider.models, names).flatMap((model) => {
    const name = names.bare ? model.id : `${names.prefixes[0]}${model.id}`;
    const id = `${names.id}.${model.id.replaceAll(/[^\w.-]/g, "-")}`;
    const match = namePattern(model.match, names);
    return periodsOf(model).flatMap(({ from, prices }) => {
      const base = pricesAt(prices, -1);
      if (Object.keys(base).length === 0) return [];
      const above = boundsOf(prices).map((tokens) => ({ tokens, prices: pricesAt(prices, tokens) }));
      return [
        {
          id: from ? `${id}.${from}` : id,
          name,
          match,
          ...(from ? { from } : {}),
          prices: base,
          ...(above.length > 0 ? { above } : {}),
        },
      ];
    });
  });
}

/** Of prices that depend on the time of day those stand that hold when no time is told: a day has one price here. */
function periodsOf({ prices }: ModelInfo): Array<{ readonly from?: string; readonly prices: ModelPrice }> {
  if (!Array.isArray(prices)) return [{ prices }];
  return prices.flatMap(({ constraint, prices: ofPeriod }) => {
    if (!constraint) return [{ prices: ofPeriod }];
    return constraint.type === "start_date" ? [{ from: constraint.start_date, prices: ofPeriod }] : [];
  });
}

/** The prices of a call whose input is just above so many tokens. */
function pricesAt(prices: ModelPrice, tokens: number): MillionPrices {
  const result: Record<string, number> = {};
  for (const [name, price] of Object.entries(prices)) {
    const known = KEYS[name];
    if (!known || price === undefined) continue;
    const tiers = typeof price === "number" ? [] : price.tiers;
    const base = typeof price === "number" ? price : price.base;
    const reached = tiers.filter(({ start }) => start <= tokens).toSorted((a, b) => b.start - a.start)[0];
    result[known.key] = (reached?.price ?? base) * (known.per ?? 1);
  }
  return result;
}

function boundsOf(prices: ModelPrice): number[] {
  const starts = Object.values(prices).flatMap((price) =>
    typeof price === "object" ? price.tiers.map(({ start }) => start) : [],
  );
  return [...new Set(starts)].toSorted((a, b) => b - a);
}

/** The first match counts, so who is told in full goes before who takes the name for an own one with a day behind it. */
function inPrecedence(models: readonly ModelInfo[], names: ProviderNames): ModelInfo[] {
  const sorted: Array<{ readonly model: ModelInfo; readonly takes: RegExp }> = [];
  for (const model of models) {
    const told = toldIn(model.match);
    const place = sorted.findIndex(({ model: other, takes }) =>
      told.some((name) => takes.test(name) && !toldIn(other.match).includes(name)),
    );
    const entry = { model, takes: compilePattern(namePattern(onlyTold(model.match), names)) };
    sorted.splice(place === -1 ? sorted.length : place, 0, entry);
  }
  return sorted.map(({ model }) => model);
}

/** The names that the rules tell in full. */
export function toldIn(match: MatchLogic): string[] {
  if ("equals" in match) return [match.equals.toLowerCase()];
  if ("or" in match) return match.or.flatMap(toldIn);
  return [];
}

function onlyTold(match: MatchLogic): MatchLogic {
  return { or: toldIn(match).map((equals) => ({ equals })) };
}
