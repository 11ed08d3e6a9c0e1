import { readFileSync } from "node:fs";
import { afterAll, afterEach } from "vitest";
import { openAnswerLog } from "./answer-log.ts";
import { createResponseCheck, type ApiDocument } from "./response-check.ts";

/*
 * Vitest's setup of every file in this app: whatever process of ours a test starts, and whoever asks it, each of its
 * answers to an operation is one that the API description describes. A test file need not do anything for that.
 */

const log = openAnswerLog();
process.env["TEST_NODE_OPTIONS"] = log.nodeOption;
process.env["TEST_ANSWERS_DIR"] = log.dir;

let check: ReturnType<typeof createResponseCheck> | undefined;

/** Throws unless all answers since the last call are described. */
function requireDescribed(): void {
  const violations = new Set<string>();
  for (const answer of log.take()) {
    check ??= createResponseCheck(readDescription());
    const violation = check(answer);
    if (violation !== undefined) violations.add(violation);
  }
  if (violations.size === 0) return;
  throw new Error(["The API description does not describe these answers:", ...violations].join("\n"));
}

function readDescription(): ApiDocument {
  return JSON.parse(readFileSync(process.env["TEST_API_DESCRIPTION"] ?? "", "utf8")) as ApiDocument;
}

afterEach(requireDescribed);

// The last of all hooks, by when a file has stopped its processes.
afterAll(() => {
  try {
    requireDescribed();
  } finally {
    log.remove();
  }
});
