import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { CASE_NAMES } from "./cases.ts";

export type BenchOptions = {
  readonly runs: number;
  readonly isQuick: boolean;
  /** Slower to start and the same under load, for the bench's own test, which has no build. */
  readonly fromSources: boolean;
  /** How long the system runs at half of saturation. */
  readonly halfLoadSeconds: number;
  /** Observations that are stored before the case of a full database; 0: without this case. */
  readonly preload: number;
  /** Observations of one run. */
  readonly observations: number;
  readonly connections: number;
  readonly maxBacklog: number;
  readonly seed: number;
  /** Names of cases; all if empty. */
  readonly only: readonly string[];
  readonly postgresUrl: string | undefined;
  readonly dataDir: string;
  readonly jsonFile: string | undefined;
};

export const HELP = `pnpm bench ingest [options]

  --only NAMES         only these cases, by commas or repeated: ${CASE_NAMES.join(", ")}
  --runs N             runs of each case (3)
  --observations N     observations of a run (200000)
  --quick              one run of 5000 observations each
  --half-load-seconds N  how long it runs at half of saturation (60)
  --preload N          adds a case with N observations stored already
  --connections N      requests under way at once at most (32)
  --max-backlog N      sending pauses while more observations wait to be stored (20000)
  --seed N             of the generated data (1)
  --postgres-url URL   a server to use instead of the embedded PostgreSQL; the user must be a superuser
  --data-dir DIR       where the embedded PostgreSQL's data goes, on a real disk (the system's temporary folder)
  --from-sources       runs the apps from their sources instead of their builds
  --json FILE          where the figures go as JSON
  --help
`;

/** Throws a TypeError that names a wrong option. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", multiple: true },
      runs: { type: "string" },
      observations: { type: "string" },
      quick: { type: "boolean" },
      "from-sources": { type: "boolean" },
      connections: { type: "string" },
      "max-backlog": { type: "string" },
      "half-load-seconds": { type: "string" },
      preload: { type: "string" },
      seed: { type: "string" },
      "postgres-url": { type: "string" },
      "data-dir": { type: "string" },
      json: { type: "string" },
    },
  });
  const only = (values.only ?? []).flatMap((names) => names.split(","));
  const unknown = only.find((name) => !CASE_NAMES.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`--only: no case ${JSON.stringify(unknown)}; there are ${CASE_NAMES.join(", ")}`);
  }
  return {
    runs: wholeNumber("runs", values.runs, values.quick ? 1 : 3),
    observations: wholeNumber("observations", values.observations, values.quick ? 5_000 : 200_000),
    connections: wholeNumber("connections", values.connections, 32),
    maxBacklog: wholeNumber("max-backlog", values["max-backlog"], 20_000),
    isQuick: values.quick ?? false,
    fromSources: values["from-sources"] ?? false,
    halfLoadSeconds: wholeNumber("half-load-seconds", values["half-load-seconds"], values.quick ? 5 : 60),
    preload: values.preload === undefined ? 0 : wholeNumber("preload", values.preload, 0),
    seed: wholeNumber("seed", values.seed, 1),
    only,
    postgresUrl: values["postgres-url"],
    dataDir: values["data-dir"] ?? tmpdir(),
    jsonFile: values.json,
  };
}

function wholeNumber(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new TypeError(`--${name} ${text}: expected a whole number from 1`);
  return Number(text);
}
