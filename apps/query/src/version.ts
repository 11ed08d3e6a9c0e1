import { createRequire } from "node:module";

/** The same path from src/ and dist/. */
const manifest = createRequire(import.meta.url)("../package.json") as { readonly version: string };

export const VERSION = manifest.version;
