import { INGEST_JOB_VERSION, INGEST_QUEUE, noEvents, type CanonicalEvents } from "@xtrace/contract";
import { eventually } from "@xtrace/testkit";
import { Queue, Worker } from "bullmq";
import { startCluster } from "./cluster.ts";
import { startSteadyLoad } from "./steady-load.ts";
import { missingTraces } from "./stored.ts";
import { PROJECT_A } from "../test-system.ts";

export type UpgradeReport = {
  /** Acknowledged by a gateway of the worker's own age, and not stored. */
  readonly lost: readonly string[];
  readonly acknowledged: number;
  readonly failures: readonly string[];
  /** Of the jobs of the newer gateway: how many the old worker left, gave up and buried, and which a newer worker got. */
  readonly left: number;
  readonly failedJobs: number;
  readonly deadLetters: readonly string[];
  readonly taken: readonly string[];
  readonly workerWarnings: readonly string[];
};

/** More than a worker handles at once with these settings, so that jobs which were held would block the others. */
export const NEWER_JOBS = 30;
const SMALL_BATCHES = { BATCH_MAX_ITEMS: "5" };
const LOAD = 150;

/**
 * A rollout that began with the gateways: an old worker meets jobs of a version that it does not know
 * among those it does, and then a newer one takes them. There is no newer version yet, so its gateway
 * and its worker are stood in for by the queue's own client.
 */
export async function meetNewerGateway(): Promise<UpgradeReport> {
  await using cluster = await startCluster({ gateways: 1, workers: 1, queries: 0, env: SMALL_BATCHES });
  const { url, prefix } = cluster.queue;
  const newerGateway = new Queue(INGEST_QUEUE, { connection: { url }, prefix });
  try {
    const ids = Array.from({ length: NEWER_JOBS }, (_, index) => `newer-${index}`);
    const receivedAtUs = Date.now() * 1_000;
    await newerGateway.addBulk(
      ids.map((id) => ({
        name: "ingest",
        data: {
          v: INGEST_JOB_VERSION + 1,
          projectId: PROJECT_A.projectId,
          receivedAtUs,
          events: { ...noEvents(), traces: [{ id, stamp: 1, name: "newer" }] },
        },
        opts: { attempts: 1_000_000, backoff: { type: "fixed", delay: 500 }, removeOnComplete: true },
      })),
    );
    const load = startSteadyLoad({ url: cluster.gateways[0]?.url ?? "", writers: 4, readers: 0, pauseMs: 5 });
    await eventually(
      () => {
        if (load.answered() < LOAD) throw new Error("the load has come to a stand");
      },
      { timeoutMs: 60_000 },
    );
    const { acknowledged, failures } = await load.finish();
    await eventually(
      async () => {
        const missing = await missingTraces(cluster.databaseUrl, acknowledged);
        if (missing.length > 0) throw new Error(`${missing.length} traces are not stored`);
      },
      { timeoutMs: 60_000 },
    );
    // What is stored is acknowledged to the queue a moment later.
    const counts = await eventually(async () => {
      const found = await cluster.probes.queueCounts();
      const left = found.waiting + found.active + found.delayed;
      if (left > NEWER_JOBS) throw new Error(`${left} jobs are left`);
      return { left, failed: found.failed };
    });
    const deadLetters = await cluster.probes.deadLetters();

    // The rollout goes on: the old worker ends, and the newer one finds what it left.
    await cluster.workers[0]?.stop();
    return {
      lost: await missingTraces(cluster.databaseUrl, acknowledged),
      acknowledged: acknowledged.length,
      failures,
      left: counts.left,
      failedJobs: counts.failed,
      deadLetters,
      taken: await takeAll(cluster.queue),
      workerWarnings: cluster.logs().filter((line) => line.includes("jobs stay in the queue")),
    };
  } finally {
    await newerGateway.close();
  }
}

/** What a worker that knows the version is given, by id, in order. */
async function takeAll({ url, prefix }: { url: string; prefix: string }): Promise<string[]> {
  const taken = new Set<string>();
  const newerWorker = new Worker<{ events: CanonicalEvents }>(
    INGEST_QUEUE,
    async ({ data }) => {
      for (const { id } of data.events.traces) taken.add(id);
    },
    { connection: { url, maxRetriesPerRequest: null }, prefix },
  );
  try {
    await eventually(
      () => {
        if (taken.size < NEWER_JOBS) throw new Error(`${taken.size} of ${NEWER_JOBS} jobs came`);
      },
      { timeoutMs: 30_000 },
    );
  } finally {
    await newerWorker.close();
  }
  return [...taken].toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
}
