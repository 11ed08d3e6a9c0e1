import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LINT_CASES, LINT_SUPPORT } from "./lint-cases.ts";
import { copyTree, type TreeCopy } from "./tree-copy.ts";

type Diagnostic = { readonly code: string; readonly severity: string; readonly filename: string };

describe("the linter", () => {
  let tree: TreeCopy;
  let refused: { readonly code: number | null; readonly diagnostics: readonly Diagnostic[] };

  beforeAll(async () => {
    tree = await copyTree();
    for (const [path, text] of Object.entries(LINT_SUPPORT)) await tree.write(path, text);
    refused = await lintAll(tree, "bad");
  });
  afterAll(async () => {
    await tree?.[Symbol.asyncDispose]();
  });

  test("fails on them", () => {
    expect(refused.code).toBe(1);
  });

  test.each(LINT_CASES)("refuses $title ($rule)", ({ path, rule }) => {
    expect(refused.diagnostics).toContainEqual(
      expect.objectContaining({ filename: `${path}.ts`, code: rule, severity: "error" }),
    );
  });

  test("passes what is the same but for that", async () => {
    expect(await lintAll(tree, "good")).toEqual({ code: 0, diagnostics: [] });
  });

  test("looks at every source file", async () => {
    const { output } = await tree.runScript("lint", { args: ["--debug=files"] });
    const seen = new Set(output.split("\n").map((line) => line.trim()));
    const sources = tree.files.filter((path) => /\.(ts|tsx|mjs)$/.test(path));
    expect(sources.filter((path) => !seen.has(path))).toEqual([]);
  });
});

async function lintAll(tree: TreeCopy, kind: "bad" | "good") {
  for (const each of LINT_CASES) await tree.write(`${each.path}.ts`, each[kind]);
  const args = ["--format=json", ...LINT_CASES.map(({ path }) => `${path}.ts`)];
  const { code, output } = await tree.runScript("lint", { args });
  const { diagnostics } = JSON.parse(output) as { diagnostics: readonly Diagnostic[] };
  return { code, diagnostics };
}
