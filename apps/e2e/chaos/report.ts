import { seconds, type Outcome } from "./scenarios/run-scenario.ts";
import type { Scenario } from "./scenarios/scenario.ts";

/** How a scenario ended: run, or not and why. */
export type Result =
  | Outcome
  | { readonly scenario: Pick<Scenario, "id" | "title">; readonly notRun: string }
  | { readonly scenario: Pick<Scenario, "id" | "title">; readonly passedTests: number }
  | { readonly scenario: Pick<Scenario, "id" | "title">; readonly broke: string };

const HEADINGS = ["", "acked", "lost", "dup", "answers", "slowest", "recovery", "drained", "result"];

/** One line a scenario, with what it was about above the figures. */
export function formatResults(results: readonly Result[]): string {
  const rows = results.map(rowOf);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const table = [line(HEADINGS), ...rows.map(line)].join("\n");
  const titles = results.map(({ scenario }) => `${scenario.id}: ${scenario.title}`).join("\n");
  return `${titles}\n\n${table}`;
}

function rowOf(result: Result): string[] {
  const bare = (outcome: string) => [result.scenario.id, "", "", "", "", "", "", "", outcome];
  if ("notRun" in result) return bare(`not run: ${result.notRun}`);
  if ("passedTests" in result) return bare(`passed: ${result.passedTests} tests`);
  if ("broke" in result) return bare(`FAILED: ${result.broke}`);
  const { verdict, report, recoveryMs, failures } = result;
  const { id, expected } = result.scenario;
  const answers = Object.entries(report.answers).map(([answer, count]) => `${answer}:${count}`);
  return [
    id,
    String(verdict.comparison.acknowledged),
    String(verdict.comparison.lost.length) + (verdict.allowedLoss > 0 ? ` (${verdict.allowedLoss} allowed)` : ""),
    String(verdict.comparison.duplicated.length),
    answers.join(" "),
    `${seconds(report.slowestMs)} s`,
    recoveryMs === undefined ? "-" : `${seconds(recoveryMs)} s of ${seconds(expected.recoveryMs)}`,
    `${seconds(verdict.drainMs)} s`,
    failures.length === 0 ? "passed" : `FAILED: ${failures.join("; ")}`,
  ];
}

/** Whether all that ran went as expected. */
export function hasPassed(results: readonly Result[]): boolean {
  return results.every(
    (result) => "notRun" in result || "passedTests" in result || ("failures" in result && result.failures.length === 0),
  );
}
