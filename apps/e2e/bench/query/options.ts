import { parseArgs } from "node:util";
import { DEFAULT_FILL, type FillSettings } from "./settings.ts";

export const HELP = `pnpm bench query [--scale N]... [--samples N] [--payload-bytes N] [--only TEXT] [--out FILE] [--no-plans]
                 [--postgres-url URL | --data-dir DIR] [--keep] [--reuse] [--while-ingesting] [--quick]

  --scale          times 1,000,000 traces, 5,000,000 observations; repeated: growth is from the least to the most (0.1 and 1)
  --while-ingesting  asks once more at the largest scale while observations are written at half of what the system can take;
                   leaves rows of its own in a database that is kept
  --samples        requests of each query (60)
  --payload-bytes  of an observation's input, output and metadata together (300; 1500 is realistic, and five times the disk)
  --only           queries whose name contains this
  --postgres-url   an existing server, as a superuser; else an embedded one with its data in --data-dir
  --keep, --reuse  leave the databases, and take those that were left
  --quick          a few thousand rows and two samples: shows that everything works, measures nothing
`;

export type BenchOptions = {
  /** Entry of the query app. */
  readonly app: string;
  /** In ascending order; growth is from the first to the last. */
  readonly scales: readonly number[];
  readonly fill: Omit<FillSettings, "scale">;
  readonly samples: number;
  readonly whileIngesting: boolean;
  /** Of the system that writes meanwhile. */
  readonly writing: { readonly saturatingObservations: number; readonly fromSources: boolean };
  /** An existing server, whose user may make databases and load `auto_explain`; absent: an embedded one. */
  readonly postgresUrl: string | undefined;
  /** Of the embedded server; absent: a temporary folder. */
  readonly dataDir: string | undefined;
  /** Of the databases' names. */
  readonly databasePrefix: string;
  readonly keep: boolean;
  readonly reuse: boolean;
  readonly out: string;
  /** Only cases whose name contains it. */
  readonly only: string;
  /** Whether to write down the plans. */
  readonly plans: boolean;
};

/** So few rows that nothing is measured: it shows that everything works. */
const QUICK = { scales: [0.002], fill: { ...DEFAULT_FILL, metricStepSeconds: 600 }, samples: 2 };
const QUICK_SATURATING = 500;
const SATURATING = 30_000;

export function benchOptions(args: readonly string[]): Omit<BenchOptions, "app"> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scale: { type: "string", multiple: true, default: ["0.1", "1"] },
      "payload-bytes": { type: "string", default: String(DEFAULT_FILL.payloadBytes) },
      samples: { type: "string", default: "60" },
      "postgres-url": { type: "string" },
      "data-dir": { type: "string" },
      keep: { type: "boolean", default: false },
      reuse: { type: "boolean", default: false },
      out: { type: "string", default: "bench-query.json" },
      only: { type: "string", default: "" },
      "while-ingesting": { type: "boolean", default: false },
      "no-plans": { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
    },
  });
  const measured = {
    scales: values.scale.map((text) => positive("scale", text)).toSorted((a, b) => a - b),
    fill: { ...DEFAULT_FILL, payloadBytes: positive("payload-bytes", values["payload-bytes"]) },
    samples: positive("samples", values.samples),
  };
  return {
    ...(values.quick ? QUICK : measured),
    postgresUrl: values["postgres-url"],
    dataDir: values["data-dir"],
    databasePrefix: "xtrace_bench",
    keep: values.keep,
    reuse: values.reuse,
    out: values.out,
    only: values.only,
    whileIngesting: values["while-ingesting"],
    writing: { saturatingObservations: values.quick ? QUICK_SATURATING : SATURATING, fromSources: false },
    plans: !values["no-plans"],
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`--${name}: expected a number above 0, got ${text}`);
}
