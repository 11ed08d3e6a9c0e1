#!/usr/bin/env node
import { requireNode } from "../../bootstrap/bin/require-node.mjs";

const rootUrl = new URL("../../../", import.meta.url);
requireNode(rootUrl);

// Not at the top: an old Node shall get as far as the line above.
const { mkdtemp, readFile, rm } = await import("node:fs/promises");
const { tmpdir } = await import("node:os");
const { join } = await import("node:path");
const { fileURLToPath } = await import("node:url");
const { bootstrap } = await import("../../bootstrap/bin/bootstrap.mjs");
const { runToEnd } = await import("../../bootstrap/bin/run-to-end.mjs");
const { countTests, exitCodeOf, summaryLine } = await import("./count-tests.mjs");

/** Runs all tests, or those that the arguments select as for `vitest run`; `--coverage` measures coverage. */
async function main() {
  const root = fileURLToPath(rootUrl);
  if (!(await bootstrap(root, { build: false }))) return 1;
  const dir = await mkdtemp(join(tmpdir(), "xtrace-test-report-"));
  try {
    const reportFile = join(dir, "report.json");
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
    const args = [vitest, "run", ...reporters, ...process.argv.slice(2)];
    const exitCode = await runToEnd(process.execPath, args, { cwd: root });
    const report = await readFile(reportFile, "utf8").then(JSON.parse, () => undefined);
    const counts = countTests(report, exitCode);
    console.log(summaryLine(counts));
    return exitCodeOf(counts, exitCode);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

process.exitCode = await main();
