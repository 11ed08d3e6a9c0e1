import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PROJECT_A, PROJECT_B } from "../../src/test-system.ts";
import type { SenderReport } from "../load/sender-options.ts";
import { startLoad, type Ledger, type Load } from "../load/start-load.ts";
import { startChaosSystem, type ChaosSystemOptions } from "../system/chaos-system.ts";
import { verify, type Verdict } from "../verify/verify.ts";
import { sendCanary, type Canary } from "./canary.ts";
import type { Expectation, Scenario } from "./scenario.ts";

export type Outcome = {
  readonly scenario: Pick<Scenario, "id" | "title" | "expected">;
  readonly verdict: Verdict;
  readonly report: SenderReport;
  /** At worst; `undefined` where the scenario measures none. */
  readonly recoveryMs: number | undefined;
  /** All that went otherwise than expected; empty when it passed. */
  readonly failures: readonly string[];
};

export type RunOptions = {
  readonly full: boolean;
  readonly build: NonNullable<ChaosSystemOptions["build"]>;
  readonly log: (line: string) => void;
};

const REQUESTS_PER_SECOND = 40;
const FIRST_ACKS = 300;
const FIRST_ACKS_TIMEOUT_MS = 60_000;

/** Boots a system, puts it under load, lets the faults happen, and verifies what is left. */
export async function runScenario(scenario: Scenario, { full, build, log }: RunOptions): Promise<Outcome> {
  const prepared = await prepare(scenario, full);
  try {
    await using system = await startChaosSystem({ build, log, ...prepared.options });
    await using load = await startLoad({
      urls: system.gateways.map(({ url }) => url),
      projects: [PROJECT_A, PROJECT_B],
      seed: scenario.seed ?? 1,
      requestsPerSecond: scenario.requestsPerSecond ?? REQUESTS_PER_SECOND,
      dir: join(system.dir, "load"),
    });
    await untilFirstAcks(load);

    const broken: string[] = [];
    const canaries: Canary[] = [];
    const recoveries: number[] = [];
    const allowance = await scenario.run({
      system,
      load,
      full,
      note: log,
      expect: (holds, whatElse) => void (holds || broken.push(whatElse)),
      async recovered() {
        const canary = await sendCanary(system);
        const { tookMs, acceptedMs } = canary;
        canaries.push(canary);
        recoveries.push(tookMs);
        log(`recovered in ${seconds(tookMs)} s, accepted after ${seconds(acceptedMs)} s`);
      },
    });
    const report = await load.stop();
    const verdict = await verify(system, withCanaries(await load.ledgers(), canaries), allowance ?? {});
    const recoveryMs = recoveries.length > 0 ? Math.max(...recoveries) : undefined;
    const crashes = [...system.gateways, ...system.workers, system.query].flatMap((app) => app.crashes());
    const failures = [...verdict.failures, ...broken, ...crashes, ...unexpected(scenario.expected, report, recoveryMs)];
    return { scenario, verdict, report, recoveryMs, failures };
  } finally {
    await prepared.remove();
  }
}

async function prepare({ system }: Scenario, full: boolean) {
  if (typeof system === "function") return await system(full);
  return { options: system ?? {}, remove: async () => {} };
}

async function untilFirstAcks(load: Load): Promise<void> {
  const deadline = performance.now() + FIRST_ACKS_TIMEOUT_MS;
  for (;;) {
    const acked = (await load.ledgers()).reduce((sum, ledger) => sum + ledger.acked.length, 0);
    if (acked >= FIRST_ACKS) return;
    if (performance.now() > deadline) throw new Error(`Only ${acked} acknowledgements before any fault`);
    await sleep(100);
  }
}

/** The canaries are the first project's. */
function withCanaries([first, ...others]: readonly Ledger[], canaries: readonly Canary[]): Ledger[] {
  if (!first) return [];
  const { projectId, sent, acked } = first;
  return [
    {
      projectId,
      sent: [...sent, ...canaries.flatMap((canary) => canary.sent)],
      acked: [...acked, ...canaries.map((canary) => canary.acked)],
    },
    ...others,
  ];
}

function unexpected(expected: Expectation, report: SenderReport, recoveryMs: number | undefined): string[] {
  const seen = Object.keys(report.answers);
  const strange = seen.filter((answer) => !expected.answers.some((allowed) => allowed === answer));
  const missing = (expected.sees ?? []).filter((answer) => !seen.includes(answer));
  const { slowestMs = Number.POSITIVE_INFINITY } = expected;
  return [
    ...strange.map((answer) => `${report.answers[answer]} answers of ${answer}`),
    ...missing.map((answer) => `no answer of ${answer}: the fault did not strike`),
    ...(report.withoutRetryAfter > 0 ? [`${report.withoutRetryAfter} refusals without Retry-After`] : []),
    ...(report.unacknowledged > 0 ? [`${report.unacknowledged} requests were never acknowledged`] : []),
    ...(report.slowestMs > slowestMs ? [`an answer took ${seconds(report.slowestMs)} s`] : []),
    ...(recoveryMs !== undefined && recoveryMs > expected.recoveryMs ? [`recovery took ${seconds(recoveryMs)} s`] : []),
  ];
}

export const seconds = (ms: number) => (ms / 1_000).toFixed(1);
