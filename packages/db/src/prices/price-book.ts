import { BUILT_IN_MODELS } from "./built-in-models.ts";
import { guardedMatches, MAX_NAME_LENGTH } from "./guarded-match.ts";
import { compilePattern } from "./match-pattern.ts";
import type { ModelDefinition } from "./model-definition.ts";
import { pricedModel, type PricedModel } from "./priced-model.ts";

/** Which model of a project a name belongs to. Answers are a function of the models alone. */
export type PriceBook = {
  /** `startTime` in Unix epoch microseconds. `null` where no model goes by the name. */
  find(projectId: string, modelName: string, startTime: number): PricedModel | null;
};

/** Names are few. What is remembered of a client that makes up a new one each time is bounded. */
const MAX_REMEMBERED = 20_000;

/**
 * Looks a name up among a project's own models, then among the built-in ones; of several that match, the one of the latest start
 * date counts that is not after the observation's start, one without a date last. What was found for a name is remembered, so that
 * a look-up is two reads of a map.
 *
 * Throws for a model of which a pattern does not compile. `onSlow` is told the id of one whose pattern takes too long: it
 * then does not match.
 */
export function createPriceBook(
  projectModels: readonly ModelDefinition[],
  options: { readonly onSlow?: (modelId: string) => void; readonly maxRemembered?: number } = {},
): PriceBook {
  const { onSlow = () => {}, maxRemembered = MAX_REMEMBERED } = options;
  const ofProject = new Map<string, Candidate[]>();
  for (const model of inPrecedence(projectModels)) {
    const models = ofProject.get(model.projectId ?? "") ?? [];
    const candidate = candidateOf(model);
    // Now, so that a model that cannot be used is known before anything is written by it.
    candidate.model();
    models.push(candidate);
    ofProject.set(model.projectId ?? "", models);
  }
  const remembered = new Map<string, Map<string, readonly PricedModel[]>>();
  let count = 0;

  function candidatesFor(projectId: string, name: string): readonly PricedModel[] {
    const own = ofProject.get(projectId) ?? [];
    const found = guardedMatches(
      own.map(({ pattern }) => pattern),
      name,
      (place) => onSlow(own[place]?.id ?? ""),
    );
    return [...found.map((place) => own[place]?.model()).filter((model) => model !== undefined), ...builtInFor(name)];
  }

  return {
    find(projectId, modelName, startTime) {
      if (modelName.length > MAX_NAME_LENGTH) return null;
      let names = remembered.get(projectId);
      let candidates = names?.get(modelName);
      if (!candidates) {
        if (count >= maxRemembered) {
          remembered.clear();
          count = 0;
          names = undefined;
        }
        candidates = candidatesFor(projectId, modelName);
        if (!names) remembered.set(projectId, (names = new Map<string, readonly PricedModel[]>()));
        names.set(modelName, candidates);
        count += 1;
      }
      for (const model of candidates) if (model.startDate === null || model.startDate <= startTime) return model;
      return null;
    },
  };
}

/** Knows the built-in models only. */
export const BUILT_IN_PRICES: PriceBook = createPriceBook([]);

type Candidate = { readonly id: string; readonly pattern: RegExp; readonly model: () => PricedModel };

function candidateOf(definition: ModelDefinition): Candidate {
  let model: PricedModel | undefined;
  return {
    id: definition.id,
    pattern: compilePattern(definition.matchPattern),
    // Most are never asked for.
    model: () => (model ??= pricedModel(definition)),
  };
}

type BuiltIn = { readonly pattern: RegExp; readonly periods: readonly Candidate[] };

/** Made when the first name is looked up. Models with the same pattern are the periods of one. */
let builtIn: readonly BuiltIn[] | undefined;

/** Their patterns are known to be harmless. */
function builtInFor(name: string): PricedModel[] {
  builtIn ??= groupBuiltIn();
  return builtIn.find(({ pattern }) => pattern.test(name))?.periods.map(({ model }) => model()) ?? [];
}

function groupBuiltIn(): BuiltIn[] {
  const groups = new Map<string, ModelDefinition[]>();
  for (const model of BUILT_IN_MODELS) {
    const group = groups.get(model.matchPattern);
    if (group) group.push(model);
    else groups.set(model.matchPattern, [model]);
  }
  return [...groups].map(([pattern, models]) => ({
    pattern: compilePattern(pattern),
    periods: inPrecedence(models).map(candidateOf),
  }));
}

function inPrecedence(models: readonly ModelDefinition[]): ModelDefinition[] {
  const start = ({ startDate }: ModelDefinition) => startDate ?? Number.NEGATIVE_INFINITY;
  return models.toSorted((a, b) => compare(start(b), start(a)) || b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
