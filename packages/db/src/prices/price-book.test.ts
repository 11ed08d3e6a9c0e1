import { describe, expect, test, vi } from "vitest";
import type { ModelDefinition } from "./model-definition.ts";
import { createPriceBook } from "./price-book.ts";

const DAY_US = 86_400_000_000;
const T0 = 20_000 * DAY_US;

function model(id: string, more: Partial<ModelDefinition> = {}): ModelDefinition {
  const prices = { input: 1 };
  const tier = { id: `${id}-tier`, name: "Standard", isDefault: true, priority: 0, conditions: [], prices };
  return {
    id,
    projectId: "p",
    modelName: id,
    matchPattern: "^mine$",
    startDate: null,
    unit: "TOKENS",
    tokenizerId: null,
    tokenizerConfig: null,
    pricingTiers: [tier],
    createdAt: T0,
    ...more,
  };
}

const idOf = (models: readonly ModelDefinition[], name = "mine", time = T0, project = "p") =>
  createPriceBook(models).find(project, name, time)?.id;

describe("which model a name belongs to", () => {
  test("a project's own before a built-in one, and of no other project", () => {
    const own = model("own", { matchPattern: "(?i)^gpt-4o$" });
    expect(idOf([own], "GPT-4o")).toBe("own");
    expect(idOf([own], "GPT-4o", T0, "q")).toBe("openai.gpt-4o");
    expect(idOf([model("own")], "mine", T0, "q")).toBeUndefined();
  });

  test("the latest start that is not after the observation's, none last", () => {
    const always = model("always");
    const early = model("early", { startDate: T0 - DAY_US });
    const late = model("late", { startDate: T0 });
    for (const models of [
      [always, early, late],
      [late, early, always],
    ]) {
      expect(idOf(models, "mine", T0 + 1)).toBe("late");
      expect(idOf(models, "mine", T0)).toBe("late");
      expect(idOf(models, "mine", T0 - 1)).toBe("early");
      expect(idOf(models, "mine", T0 - 2 * DAY_US)).toBe("always");
    }
  });

  test("before a project's model starts, the built-in one", () => {
    const later = model("later", { matchPattern: "^gpt-4o$", startDate: T0 });
    expect(idOf([later], "gpt-4o", T0 - 1)).toBe("openai.gpt-4o");
  });

  test("of two alike the newer one", () => {
    expect(idOf([model("a"), model("b", { createdAt: T0 + 1 })])).toBe("b");
    expect(idOf([model("b", { createdAt: T0 + 1 }), model("a")])).toBe("b");
  });

  test("also when asked again, and after more names than are remembered", () => {
    const book = createPriceBook([model("own")], { maxRemembered: 5 });
    for (let n = 0; n < 20; n++) book.find("p", `x${n % 12}`, T0);
    expect(book.find("p", "mine", T0)?.id).toBe("own");
    expect(book.find("p", "mine", T0)?.id).toBe("own");
    expect(book.find("p", "other", T0)).toBeNull();
  });
});

test("a pattern that takes too long matches nothing, and is told", () => {
  const onSlow = vi.fn<(id: string) => void>();
  // Many repetitions in a row: each is harmless, together they are not.
  const slow = model("slow", { matchPattern: `^${"a*".repeat(30)}$` });
  const book = createPriceBook([slow, model("own")], { onSlow });
  expect(book.find("p", `${"a".repeat(150)}b`, T0)).toBeNull();
  expect(onSlow).toHaveBeenCalledWith("slow");
  expect(book.find("p", "mine", T0)?.id).toBe("own");
});

describe("tiers", () => {
  const tier = (name: string, priority: number, price: number, conditions: object[]) => ({
    id: name,
    name,
    isDefault: priority === 0,
    priority,
    conditions,
    prices: { input: price },
  });
  const tiered = model("tiered", {
    pricingTiers: [
      tier("fast", 2, 5, [{ source: "model_parameters", key: "service_tier", operator: "in", values: ["fast"] }]),
      tier("Standard", 0, 1, []),
      tier("long", 1, 3, [
        { usageDetailPattern: "^(input|cached)", operator: "gte", value: 100, caseSensitive: false },
        { usageDetailPattern: "^OUTPUT$", operator: "lt", value: 10, caseSensitive: true },
      ]),
    ] as ModelDefinition["pricingTiers"],
  });
  const applied = (usageDetails: Record<string, number>, modelParameters: Record<string, unknown> | null = null) =>
    createPriceBook([tiered]).find("p", "mine", T0)?.price({ usageDetails, modelParameters, metadata: null }, null)
      .applied;

  test("the first by priority of which all conditions hold, else the default one", () => {
    expect(applied({ input: 99 })).toMatchObject({ tierName: "Standard", input: 1, output: null, total: null });
    expect(applied({ input: 60, Cached_x: 40 })).toMatchObject({ tierName: "long", input: 3 });
    expect(applied({ input: 60, OUTPUT: 10 })).toMatchObject({ tierName: "Standard" });
    expect(applied({ input: 60, output: 10 }, { service_tier: "fast" })).toMatchObject({ tierName: "fast" });
    expect(applied({ input: 100 }, { service_tier: "fast" })).toMatchObject({ tierName: "long" });
    expect(applied({ input: 1 }, { service_tier: "slow" })).toMatchObject({ tierName: "Standard" });
  });
});
