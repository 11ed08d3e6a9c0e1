/**
 * @typedef {{ status: string, assertionResults: ReadonlyArray<{ status: string }> }} FileResult
 * @typedef {{ testResults: ReadonlyArray<FileResult> }} Report What Vitest's JSON reporter writes.
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/**
 * The true counts of a run. A file that failed without a failed test (it did not load, or a hook of
 * it threw) counts as one failure, and so does a run that failed without a failed file (an unhandled
 * error, a crash, coverage below its threshold): nobody shall read "0 failed" over a failed run.
 *
 * @param {Report | undefined} report `undefined` if the run ended before it was written
 * @param {number} exitCode of the test runner
 * @returns {Counts}
 */
export function countTests(report, exitCode) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    let failed = 0;
    for (const { status } of file.assertionResults) {
      if (status === "passed") counts.passed++;
      else if (status === "failed") failed++;
      else counts.skipped++;
    }
    counts.failed += file.status === "failed" ? Math.max(failed, 1) : failed;
  }
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/**
 * @param {Counts} counts
 * @returns {string}
 */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/**
 * A run in which nothing ran has shown nothing.
 *
 * @param {Counts} counts
 * @param {number} exitCode of the test runner
 * @returns {number}
 */
export function exitCodeOf({ passed, failed }, exitCode) {
  if (exitCode !== 0) return exitCode;
  return failed > 0 || passed === 0 ? 1 : 0;
}
