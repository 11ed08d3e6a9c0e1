import { readFile, writeFile } from "node:fs/promises";
import { withEnvTable } from "./env-table.ts";

const README = new URL("../../../../README.md", import.meta.url);

await writeFile(README, withEnvTable(await readFile(README, "utf8")));
