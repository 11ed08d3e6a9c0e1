#!/usr/bin/env node
import { requireNode } from "./require-node.mjs";

const rootUrl = new URL("../../../", import.meta.url);
requireNode(rootUrl);

// Not at the top: an old Node shall get as far as the line above.
const { fileURLToPath } = await import("node:url");
const { bootstrap } = await import("./bootstrap.mjs");
const { runToEnd } = await import("./run-to-end.mjs");

const isReady = await bootstrap(fileURLToPath(rootUrl), { build: true });
if (isReady) {
  const main = fileURLToPath(new URL("apps/standalone/dist/main.js", rootUrl));
  process.exitCode = await runToEnd(process.execPath, ["--enable-source-maps", main, ...process.argv.slice(2)]);
} else {
  process.exitCode = 1;
}
