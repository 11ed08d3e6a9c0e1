import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyTree, type TreeCopy } from "./tree-copy.ts";

type Named = { readonly name: string };
type Issue = { readonly file: string } & Readonly<
  Record<"files" | "dependencies" | "devDependencies" | "unlisted" | "exports" | "types", readonly Named[]>
>;

describe("the search for dead code", () => {
  let tree: TreeCopy;
  let before: readonly string[];
  let planted: { readonly code: number | null; readonly found: readonly string[] };

  beforeAll(async () => {
    tree = await copyTree();
    before = (await search(tree)).found;

    await tree.write("packages/db/src/planted-file.ts", "export const planted = 1;\n");
    await append(tree, "packages/runtime/src/clock.ts", "\nexport const plantedExport = 1;\n");
    await append(tree, "packages/runtime/src/env.ts", "\nexport type PlantedType = 1;\n");
    await append(tree, "packages/runtime/src/parse.ts", '\nimport "planted-unlisted";\n');
    const manifest = JSON.parse(await tree.read("apps/gateway/package.json"));
    manifest.dependencies["planted-unused"] = "1.0.0";
    manifest.devDependencies["planted-unused-dev"] = "1.0.0";
    await tree.write("apps/gateway/package.json", JSON.stringify(manifest));
    planted = await search(tree);
  });
  afterAll(async () => {
    await tree?.[Symbol.asyncDispose]();
  });

  test("fails, and names what was planted and nothing else", () => {
    expect(planted.code).toBe(1);
    expect(planted.found.filter((each) => !before.includes(each))).toEqual([
      "dependencies planted-unused in apps/gateway/package.json",
      "devDependencies planted-unused-dev in apps/gateway/package.json",
      "exports plantedExport in packages/runtime/src/clock.ts",
      "files packages/db/src/planted-file.ts in packages/db/src/planted-file.ts",
      "types PlantedType in packages/runtime/src/env.ts",
      "unlisted planted-unlisted in packages/runtime/src/parse.ts",
    ]);
  });
});

async function append(tree: TreeCopy, path: string, text: string): Promise<void> {
  await tree.write(path, (await tree.read(path)) + text);
}

async function search(tree: TreeCopy) {
  const { code, output } = await tree.runScript("dead-code", { args: ["--no-progress", "--reporter=json"] });
  const { issues } = JSON.parse(output) as { issues: readonly Issue[] };
  const kinds = ["files", "dependencies", "devDependencies", "unlisted", "exports", "types"] as const;
  const found = issues.flatMap((issue) =>
    kinds.flatMap((kind) => (issue[kind] ?? []).map(({ name }) => `${kind} ${name} in ${issue.file}`)),
  );
  return { code, found: found.toSorted() };
}
