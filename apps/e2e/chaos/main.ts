import { HELP, readCommandLine, type CommandLine } from "./command-line.ts";
import { headline } from "./headline/headline.ts";
import { formatResults, hasPassed, type Result } from "./report.ts";
import { MATRIX, type Test } from "./scenarios/all-scenarios.ts";
import { runTests } from "./scenarios/run-tests.ts";
import { runScenario } from "./scenarios/run-scenario.ts";
import type { Scenario } from "./scenarios/scenario.ts";

type Row = Scenario | Test;

function chosen({ names, seeds, headlineMs }: CommandLine): Row[] {
  const all: Row[] = [...MATRIX, ...seeds.map((seed) => headline(seed, headlineMs))];
  if (names.length === 0) return all;
  const isNamed = (scenario: Row, name: string) => {
    const id = scenario.id.toLowerCase();
    return id === name || id.startsWith(`${name} `);
  };
  const unknown = names.filter((name) => !all.some((scenario) => isNamed(scenario, name)));
  if (unknown.length > 0) throw new Error(`No scenario ${unknown.join(", ")}: see --list`);
  return all.filter((scenario) => names.some((name) => isNamed(scenario, name)));
}

async function runAll(commandLine: CommandLine): Promise<boolean> {
  const results: Result[] = [];
  for (const scenario of chosen(commandLine)) {
    console.log(`\n=== ${scenario.id}: ${scenario.title}`);
    const result = await run(scenario, commandLine);
    results.push(result);
    if ("notRun" in result) console.log(`not run: ${result.notRun}`);
    else if ("passedTests" in result) console.log(`${result.passedTests} tests passed`);
    else if ("broke" in result) console.log(`FAILED: ${result.broke}`);
    else if (result.failures.length === 0) console.log("passed");
    else console.log(result.failures.map((line) => `FAILED: ${line}`).join("\n"));
  }
  console.log(`\n${formatResults(results)}`);
  return hasPassed(results);
}

async function run(scenario: Row, { full, build }: CommandLine): Promise<Result> {
  if ("tests" in scenario) return await runTests(scenario);
  const notRun = scenario.notHere?.();
  if (notRun !== undefined) return { scenario, notRun };
  const startedAt = performance.now();
  const log = (line: string) =>
    console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
  try {
    return await runScenario(scenario, { full, build, log });
  } catch (error) {
    // The others may still be run.
    return { scenario, broke: error instanceof Error ? error.message : String(error) };
  }
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
