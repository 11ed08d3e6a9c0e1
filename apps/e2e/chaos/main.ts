import { HELP, readCommandLine, type CommandLine } from "./command-line.ts";
import { headline } from "./headline/headline.ts";
import { formatResults, hasPassed, type Result } from "./report.ts";
import { SCENARIOS } from "./scenarios/all-scenarios.ts";
import { runScenario } from "./scenarios/run-scenario.ts";
import type { Scenario } from "./scenarios/scenario.ts";

function chosen({ names, seeds, headlineMs }: CommandLine): Scenario[] {
  const all = [...SCENARIOS, ...seeds.map((seed) => headline(seed, headlineMs))];
  if (names.length === 0) return all;
  const isNamed = (scenario: Scenario, name: string) => {
    const id = scenario.id.toLowerCase();
    return id === name || id.startsWith(`${name} `);
  };
  const unknown = names.filter((name) => !all.some((scenario) => isNamed(scenario, name)));
  if (unknown.length > 0) throw new Error(`No scenario ${unknown.join(", ")}: see --list`);
  return all.filter((scenario) => names.some((name) => isNamed(scenario, name)));
}

async function runAll(commandLine: CommandLine): Promise<boolean> {
  const { full, build } = commandLine;
  const results: Result[] = [];
  for (const scenario of chosen(commandLine)) {
    console.log(`\n=== ${scenario.id}: ${scenario.title}`);
    const notRun = scenario.notHere?.();
    if (notRun === undefined) {
      const startedAt = performance.now();
      const log = (line: string) =>
        console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
      const outcome = await runScenario(scenario, { full, build, log });
      results.push(outcome);
      console.log(
        outcome.failures.length === 0 ? "passed" : outcome.failures.map((line) => `FAILED: ${line}`).join("\n"),
      );
    } else {
      results.push({ scenario, notRun });
      console.log(`not run: ${notRun}`);
    }
  }
  console.log(`\n${formatResults(results)}`);
  return hasPassed(results);
}

async function main(): Promise<number> {
  const commandLine = readCommandLine(process.argv.slice(2));
  if (commandLine.show === "help") console.log(HELP);
  else if (commandLine.show === "list") {
    for (const { id, title } of chosen(commandLine)) console.log(`${id}: ${title}`);
  } else if (!(await runAll(commandLine))) return 1;
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
