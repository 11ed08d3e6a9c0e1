import { describe, expect, test } from "vitest";
import { countTests, exitCodeOf, summaryLine } from "../bin/count-tests.mjs";

function file(status: string, ...tests: readonly string[]) {
  return { status, assertionResults: tests.map((each) => ({ status: each })) };
}

describe("countTests", () => {
  test("counts tests, with todo and pending ones as skipped", () => {
    const report = { testResults: [file("passed", "passed", "passed", "todo"), file("failed", "failed", "pending")] };
    expect(countTests(report, 1)).toEqual({ passed: 2, failed: 1, skipped: 2 });
  });

  test("counts a file that did not load, and one whose hook threw, as one failure each", () => {
    const report = { testResults: [file("failed"), file("failed", "passed", "skipped"), file("passed", "passed")] };
    expect(countTests(report, 1)).toEqual({ passed: 2, failed: 2, skipped: 1 });
  });

  test("counts an unhandled error and a crash as one failure", () => {
    expect(countTests({ testResults: [file("passed", "passed")] }, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
    expect(countTests(undefined, 130)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

test("the exit code is not zero if anything failed or nothing ran", () => {
  expect(exitCodeOf({ passed: 1, failed: 0, skipped: 3 }, 0)).toBe(0);
  expect(exitCodeOf({ passed: 0, failed: 0, skipped: 3 }, 0)).toBe(1);
  expect(exitCodeOf({ passed: 5, failed: 1, skipped: 0 }, 0)).toBe(1);
  expect(exitCodeOf({ passed: 5, failed: 1, skipped: 0 }, 130)).toBe(130);
});

test("the summary names skipped tests only if there are any", () => {
  expect(summaryLine({ passed: 3, failed: 0, skipped: 0 })).toBe("3 passed, 0 failed");
  expect(summaryLine({ passed: 3, failed: 1, skipped: 2 })).toBe("3 passed, 1 failed, 2 skipped");
});
