import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyTree, type TreeCopy } from "./tree-copy.ts";

let tree: TreeCopy;

beforeAll(async () => {
  tree = await copyTree();
});
afterAll(async () => {
  await tree?.[Symbol.asyncDispose]();
});

describe("the format check", () => {
  const path = "packages/contract/src/planted-format.ts";

  test("fails on a file that is not formatted, and names it", async () => {
    await tree.write(path, "export  const planted = {a:1}\n");
    const { code, output } = await tree.runScript("format:check");
    expect(code).toBe(1);
    expect(output).toContain(path);
  });

  test("passes it once it is", async () => {
    await tree.write(path, "export const planted = { a: 1 };\n");
    const { output } = await tree.runScript("format:check");
    expect(output).not.toContain(path);
  });
});

describe("the type check", () => {
  const folder = "packages/contract";

  test("fails on a type error, and names the file", async () => {
    await tree.write(`${folder}/src/planted-type.ts`, 'export const planted: number = "one";\n');
    const { code, output } = await tree.runScript("typecheck", { in: folder });
    expect(code).not.toBe(0);
    expect(output).toContain("planted-type.ts");
  });

  test("passes it without", async () => {
    await tree.write(`${folder}/src/planted-type.ts`, "export const planted: number = 1;\n");
    const { output } = await tree.runScript("typecheck", { in: folder });
    expect(output).not.toContain("planted-type.ts");
  });

  test("looks at every source file", async () => {
    const folders = tree.files.flatMap((path) => /^((?:apps|packages)\/[^/]+)\/package\.json$/.exec(path)?.[1] ?? []);
    const lists = await Promise.all(
      folders.map(async (each) => {
        const { output } = await tree.runScript("typecheck", { in: each, args: ["--listFilesOnly"] });
        return output.split("\n");
      }),
    );
    const seen = new Set(lists.flat());
    // A tool's configuration is checked by the tool that reads it.
    const sources = tree.files.filter((path) => /^(apps|packages)\/.*(?<!\.config)\.(ts|tsx|mjs)$/.test(path));
    expect(sources.filter((path) => !seen.has(`${tree.dir}/${path}`))).toEqual([]);
  });
});
