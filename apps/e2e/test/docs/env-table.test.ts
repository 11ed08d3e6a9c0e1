import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { envTable, withEnvTable } from "../../src/docs/env-table.ts";

const readme = await readFile(new URL("../../../../README.md", import.meta.url), "utf8");

test("the README's table of settings is what the schemas say; `pnpm docs:env` writes it", () => {
  // The formatter may pad cells; the words count.
  const words = (text: string) => text.replaceAll(/[ \t]+/g, " ").replaceAll(/-{3,}/g, "---");
  expect(words(readme)).toBe(words(withEnvTable(readme)));
});

test("every setting says what it means", () => {
  for (const line of envTable().split("\n").slice(2)) expect(line).toMatch(/\| .{10,} \|$/);
});
