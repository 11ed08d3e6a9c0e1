import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Test } from "./all-scenarios.ts";

type Outcome = { readonly scenario: Test } & (
  | { readonly passedTests: number }
  | { readonly notRun: string }
  | { readonly broke: string }
);

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const SHOWN_CHARACTERS = 3_000;

/** Runs a row that is a test, as `npm test` would. */
export async function runTests(scenario: Test): Promise<Outcome> {
  const child = spawn(process.execPath, ["packages/testkit/bin/test.mjs", scenario.tests], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  await once(child, "close");
  // Said of a run that ended well or in which all was skipped, and of no other.
  const [, passed] = /^(\d+) passed, 0 failed/m.exec(output) ?? [];
  if (passed === undefined) return { scenario, broke: output.slice(-SHOWN_CHARACTERS) };
  if (passed === "0") return { scenario, notRun: "what it needs is not installed" };
  return { scenario, passedTests: Number(passed) };
}
