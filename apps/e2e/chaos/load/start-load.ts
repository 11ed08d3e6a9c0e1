import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnNode, type NodeProcess } from "@xtrace/testkit";
import { basicAuth, type ProjectKeys } from "../../src/test-system.ts";
import { readLedgerFile, type Entry } from "./ledger.ts";
import type { SenderOptions, SenderReport } from "./sender-options.ts";

/** What one project's sender sent and had acknowledged. */
export type Ledger = { readonly projectId: string; readonly sent: readonly Entry[]; readonly acked: readonly Entry[] };

export type Load = {
  /** As of now. */
  ledgers(): Promise<readonly Ledger[]>;
  /** Ends the sending, waits for what is under way, and tells what the senders saw, all together. */
  stop(): Promise<SenderReport>;
  [Symbol.asyncDispose](): Promise<void>;
};

const SENDER = fileURLToPath(new URL("sender-main.ts", import.meta.url));
const STOP_TIMEOUT_MS = 60_000;
const RESEND_SHARE = 0.1;

/** One sending process for each project, which write to all gateways alike. */
export function startLoad(options: {
  readonly urls: readonly string[];
  readonly projects: readonly ProjectKeys[];
  readonly seed: number;
  /** Of all senders together; about eight observations each. */
  readonly requestsPerSecond: number;
  readonly dir: string;
}): Promise<Load> {
  const { urls, projects, seed, requestsPerSecond, dir } = options;
  const senders = projects.map((project, index) => {
    const name = `s${index}`;
    const settings: SenderOptions = {
      name,
      seed,
      urls: [...urls.slice(index % urls.length), ...urls.slice(0, index % urls.length)],
      authorization: basicAuth(project),
      requestsPerSecond: requestsPerSecond / projects.length,
      resendShare: RESEND_SHARE,
      sentPath: join(dir, `${name}.sent`),
      ackedPath: join(dir, `${name}.acked`),
    };
    return { project, settings };
  });
  return start(dir, senders);
}

type Sender = { readonly project: ProjectKeys; readonly settings: SenderOptions };

async function start(dir: string, senders: readonly Sender[]): Promise<Load> {
  await mkdir(dir, { recursive: true });
  const processes = senders.map(({ settings }) => spawnNode(SENDER, { args: [JSON.stringify(settings)] }));
  return {
    ledgers: () =>
      Promise.all(
        senders.map(async ({ project, settings }) => ({
          projectId: project.projectId,
          // Acknowledged first: what is acknowledged in between is then not missing in what was sent.
          acked: await readLedgerFile(settings.ackedPath),
          sent: await readLedgerFile(settings.sentPath),
        })),
      ),
    stop: async () => combine(await Promise.all(processes.map(reportOf))),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(processes.map((process) => process.stop("SIGKILL")));
    },
  };
}

async function reportOf(process: NodeProcess): Promise<SenderReport> {
  const code = await process.stop("SIGTERM", STOP_TIMEOUT_MS);
  const last = process.lines.at(-1);
  if (code !== 0 || last === undefined)
    throw new Error(`A sender ended with ${code}:\n${process.lines.slice(-20).join("\n")}`);
  return JSON.parse(last) as SenderReport;
}

function combine(reports: readonly SenderReport[]): SenderReport {
  const answers: Record<string, number> = {};
  for (const report of reports) {
    for (const [status, count] of Object.entries(report.answers)) answers[status] = (answers[status] ?? 0) + count;
  }
  const sum = (of: (report: SenderReport) => number) => reports.reduce((total, report) => total + of(report), 0);
  return {
    answers,
    slowestMs: Math.max(...reports.map(({ slowestMs }) => slowestMs)),
    longestGapMs: Math.max(...reports.map(({ longestGapMs }) => longestGapMs)),
    withoutRetryAfter: sum(({ withoutRetryAfter }) => withoutRetryAfter),
    unacknowledged: sum(({ unacknowledged }) => unacknowledged),
  };
}
