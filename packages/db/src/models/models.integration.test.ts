import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { setupDatabase, type TestDatabase } from "../../test/setup-database.ts";
import { BUILT_IN_MODELS } from "../prices/built-in-models.ts";
import { models } from "../schema/models.ts";
import { deleteModel } from "./delete-model.ts";
import { findModel } from "./find-model.ts";
import { listModels } from "./list-models.ts";
import { loadPriceBook } from "./load-price-book.ts";
import type { StoredModel } from "./model-columns.ts";
import { saveModel } from "./save-model.ts";

let system: TestDatabase;
beforeAll(async () => {
  system = await setupDatabase();
});
afterAll(() => system[Symbol.asyncDispose]());

function model(projectId: string, id: string, more: Partial<StoredModel> = {}): Omit<StoredModel, "createdAt"> {
  const tier = {
    id: `${id}-tier`,
    name: "Standard",
    isDefault: true,
    priority: 0,
    conditions: [],
    prices: { input: 1 },
  };
  return {
    projectId,
    id,
    modelName: id,
    matchPattern: `^${id}$`,
    startDate: null,
    unit: "TOKENS",
    tokenizerId: null,
    tokenizerConfig: null,
    pricingTiers: [tier],
    ...more,
  };
}

describe("a project's models", () => {
  test("are stored as they are, and found in no other project", async () => {
    const made = model("mine", "a", { startDate: 1_700_000_000_000_001, tokenizerConfig: { tokensPerName: 1 } });
    const saved = await saveModel(system.db, made);
    expect(saved).toMatchObject(made);
    expect(await findModel(system.db, { projectId: "mine", id: "a" })).toEqual(saved);
    expect(await findModel(system.db, { projectId: "other", id: "a" })).toBeUndefined();
    expect(await deleteModel(system.db, { projectId: "other", id: "a" })).toBe(false);
    expect(await deleteModel(system.db, { projectId: "mine", id: "a" })).toBe(true);
    expect(await findModel(system.db, { projectId: "mine", id: "a" })).toBeUndefined();
  });

  test("have a name each, also when two are made at once", async () => {
    const made = await Promise.all(
      ["x", "y", "z"].map((id) => saveModel(system.db, model("names", id, { modelName: "same" }))),
    );
    expect(made.filter((saved) => saved !== undefined)).toHaveLength(1);
    expect(await saveModel(system.db, model("elsewhere", "x", { modelName: "same" }))).toBeDefined();
  });

  test("are replaced by their id", async () => {
    const first = await saveModel(system.db, model("replace", "a"));
    const second = await saveModel(system.db, model("replace", "a", { matchPattern: "^b$" }));
    expect(second).toEqual({ ...first, matchPattern: "^b$" });
  });

  test("come before the built-in ones in a list", async () => {
    for (const id of ["b", "a", "c"]) await saveModel(system.db, model("listed", id));
    const builtIn = BUILT_IN_MODELS.slice(0, 3).map(({ id }) => id);
    const page = async (limit: number, offset: number) =>
      (await listModels(system.db, { projectId: "listed", limit, offset })).rows.map(({ id }) => id);
    expect(await page(2, 0)).toEqual(["a", "b"]);
    expect(await page(4, 2)).toEqual(["c", ...builtIn]);
    expect(await page(2, 3)).toEqual(builtIn.slice(0, 2));
    expect(await page(2, 4)).toEqual(builtIn.slice(1));
    const { rows, total } = await listModels(system.db, { projectId: "listed", limit: 5, offset: 10_000 });
    expect([rows, total]).toEqual([[], BUILT_IN_MODELS.length + 3]);
  });
});

describe("loadPriceBook", () => {
  test("is made anew when a model is made, replaced or deleted, and only then", async () => {
    const onProblem = vi.fn<() => void>();
    const load = async (current?: Awaited<ReturnType<typeof loadPriceBook>>) =>
      await loadPriceBook(system.db, { current, onProblem });
    const idOf = ({ book }: { book: Awaited<ReturnType<typeof load>>["book"] }, name: string) =>
      book.find("priced", name, 0)?.id;

    const empty = await load();
    expect(idOf(empty, "a")).toBeUndefined();
    expect(await load(empty)).toBe(empty);
    await saveModel(system.db, model("priced", "a"));
    const made = await load(empty);
    expect(idOf(made, "a")).toBe("a");
    expect(await load(made)).toBe(made);
    await saveModel(system.db, model("priced", "a", { matchPattern: "^b$" }));
    const replaced = await load(made);
    expect([idOf(replaced, "a"), idOf(replaced, "b")]).toEqual([undefined, "a"]);
    await deleteModel(system.db, { projectId: "priced", id: "a" });
    expect(idOf(await load(replaced), "b")).toBeUndefined();
    expect(onProblem).not.toHaveBeenCalled();
  });

  test("leaves out what cannot be used, and tells", async () => {
    // As no route makes them.
    const bad = { ...model("problems", "bad", { matchPattern: "(a+)+" }), pricingTiers: [] };
    await system.db.insert(models).values(bad);
    await saveModel(system.db, model("problems", "good"));
    const onProblem = vi.fn<(problem: object) => void>();
    const { book } = await loadPriceBook(system.db, { onProblem });
    expect(onProblem).toHaveBeenCalledWith({ modelId: "bad", problem: "bad pattern" });
    expect(book.find("problems", "good", 0)?.id).toBe("good");
  });
});
