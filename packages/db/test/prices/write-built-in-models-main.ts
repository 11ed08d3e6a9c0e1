import { writeFile } from "node:fs/promises";
import { builtInModelsText } from "./built-in-models.ts";

await writeFile(new URL("../../src/prices/built-in-models.json", import.meta.url), await builtInModelsText());
