#!/usr/bin/env node
import { requireNode } from "../../../packages/bootstrap/bin/require-node.mjs";

const rootUrl = new URL("../../../", import.meta.url);
requireNode(rootUrl);

// Not at the top: an old Node shall get as far as the line above.
const { fileURLToPath } = await import("node:url");
const { bootstrap } = await import("../../../packages/bootstrap/bin/bootstrap.mjs");
const { runToEnd } = await import("../../../packages/bootstrap/bin/run-to-end.mjs");

const isReady = await bootstrap(fileURLToPath(rootUrl), { build: true });
if (isReady) {
  const main = fileURLToPath(new URL("apps/standalone/dist/main.js", rootUrl));
  process.exitCode = await runToEnd(process.execPath, ["--enable-source-maps", main, ...process.argv.slice(2)]);
} else {
  process.exitCode = 1;
}
