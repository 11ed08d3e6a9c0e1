import { parseArgs } from "node:util";

export const HELP = `pnpm chaos [NAME...] [options]

Boots gateway, workers, query, Redis and PostgreSQL, writes to them from processes of their own, hurts
them, and checks that everything acknowledged is stored exactly once. Needs redis-server on the PATH;
everything happens on ports and in a folder of its own.

  NAME            scenarios to run: F1 to F28, or headline; all of them if none is named
  --seeds A..B    of headline, one run each (1..20)
  --seconds N     how long headline kills (60)
  --full          real lengths where a scenario shortens an outage
  --src           run the apps from their sources instead of dist
  --list          name the scenarios and run none
  --help

Exits 0 if all that ran went as expected. Prints what cannot run here, and why.`;

export type CommandLine = {
  readonly names: readonly string[];
  readonly seeds: readonly number[];
  readonly headlineMs: number;
  readonly full: boolean;
  readonly build: "dist" | "src";
  readonly show: "help" | "list" | undefined;
};

/** Throws an Error that says what is wrong. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seeds: { type: "string", default: "1..20" },
      seconds: { type: "string", default: "60" },
      full: { type: "boolean", default: false },
      src: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const headlineSeconds = Number(values.seconds);
  if (!(headlineSeconds >= 5)) throw new Error("--seconds: expected a number from 5");
  return {
    names: positionals.map((name) => name.toLowerCase()),
    seeds: readSeeds(values.seeds),
    headlineMs: headlineSeconds * 1_000,
    full: values.full,
    build: values.src ? "src" : "dist",
    show: values.help ? "help" : values.list ? "list" : undefined,
  };
}

function readSeeds(text: string): number[] {
  const [, first, last] = /^(\d{1,6})(?:\.\.(\d{1,6}))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last ?? first)];
  if (first === undefined || to < from || to - from >= 1_000) throw new Error("--seeds: expected 7 or 1..20");
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
