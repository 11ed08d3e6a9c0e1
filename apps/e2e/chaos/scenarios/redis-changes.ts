import { setTimeout as sleep } from "node:timers/promises";
import { eventually, type RedisServer } from "@xtrace/testkit";
import { openSlowLine } from "../faults/slow-line.ts";
import { QUEUE_KEY } from "../system/start-redis.ts";
import type { Allowance } from "../verify/verify.ts";
import { SUCCESS, type Fault, type Scenario } from "./scenario.ts";

/** Of the fail-over, which takes the Sentinels two seconds, and what waits meanwhile. */
const RECOVERY_MS = 60_000;
const REFUSAL_MS = 4_000;
const QUIET_MS = 5_000;
/** Sentinels ask the servers every ten seconds who copies whom: sooner they would not know all that they choose from. */
const SENTINELS_KNOW_MS = 12_000;
/** Between a server's answer and the line in the sender's ledger, on a machine that is busy. */
const ANSWER_MS = 500;
/** How soon the Sentinels have made a master that came back a replica. */
const DEMOTED_MS = 40_000;

const SENTINELS = { redisKind: "sentinels", redisArgs: ["--min-replicas-to-write", "1"] } as const;
const EXPECTED = { answers: [...SUCCESS, "503"], recoveryMs: RECOVERY_MS, slowestMs: REFUSAL_MS } as const;

export const MASTER_KILLED: Scenario = {
  id: "F14 killed",
  title:
    "Redis: kill -9 of the master, three times; Sentinels choose a replica, 503 meanwhile, lost is at most what was being answered",
  expected: { ...EXPECTED, sees: ["503"] },
  system: SENTINELS,
  async run(fault) {
    const kills: Change[] = [];
    for (let kill = 0; kill < 3; kill += 1) {
      await sleep(SENTINELS_KNOW_MS);
      kills.push(await killMaster(fault, await fault.system.sentinels.master()));
    }
    return lossIn(kills);
  },
};

/** What is on its way to the replicas when the machine of the master vanishes. */
const BEHIND_MS = 200;

export const MASTER_VANISHED: Scenario = {
  id: "F14 behind",
  title: `Redis: the master's machine vanishes, whose replicas are ${BEHIND_MS} ms behind and no worker runs; lost is what they had not got`,
  expected: { ...EXPECTED, sees: ["503"] },
  system: SENTINELS,
  async run(fault) {
    const { sentinels, workers } = fault.system;
    const master = await sentinels.master();
    await using line = await openSlowLine(master.port);
    for (const replica of sentinels.servers.filter((server) => server !== master)) {
      await replica.command("REPLICAOF", "127.0.0.1", String(line.port));
      await untilReplica(replica);
    }
    line.delay(BEHIND_MS);
    await sleep(2_000);
    // What a worker has stored is safe, whatever becomes of the queue.
    workers[0]?.signal("SIGSTOP");
    await sleep(1_000);
    const behind = killMaster(fault, master, () => line.cut());
    await sentinels.untilMasterIsNot(master);
    workers[0]?.signal("SIGCONT");
    const { fromMs, toMs } = await behind;
    return lossIn([{ fromMs: fromMs - BEHIND_MS, toMs }]);
  },
};

export const MASTER_REPLACED: Scenario = {
  id: "F14 planned",
  title: "Redis: CLIENT PAUSE WRITE and SENTINEL FAILOVER, back and forth; nothing acknowledged is lost",
  expected: EXPECTED,
  system: SENTINELS,
  async run(fault) {
    for (let change = 0; change < 2; change += 1) {
      await sleep(SENTINELS_KNOW_MS);
      await replaceMaster(fault, async (master) => void (await master.command("CLIENT", "PAUSE", "10000", "WRITE")));
    }
  },
};

export const MASTER_REPLACED_UNPAUSED: Scenario = {
  id: "F14 unpaused",
  title: "Redis: SENTINEL FAILOVER alone, back and forth; how much is lost that the old master takes meanwhile",
  expected: EXPECTED,
  system: SENTINELS,
  async run(fault) {
    const changes: Change[] = [];
    for (let change = 0; change < 2; change += 1) {
      await sleep(SENTINELS_KNOW_MS);
      changes.push(await replaceMaster(fault));
    }
    return lossIn(changes);
  },
};

/** From the first moment whose answers may be lost to the last. */
type Change = { readonly fromMs: number; readonly toMs: number };

/** What the replica did not hear of is gone together with its count. */
function lossIn(changes: readonly Change[]): Allowance {
  const isIn = (atMs: number, { fromMs, toMs }: Change) => atMs > fromMs - ANSWER_MS && atMs < toMs + ANSWER_MS;
  return { mayBeLost: ({ atMs }) => changes.some((change) => isIn(atMs, change)), lawIsBroken: true };
}

/** `meanwhile` happens at once with it. Resolves when the old master is back as a replica. */
async function killMaster(
  { system: { sentinels }, note, recovered }: Fault,
  master: RedisServer,
  meanwhile = () => {},
): Promise<Change> {
  const fromMs = Date.now();
  const dying = master.kill();
  meanwhile();
  await dying;
  const change = { fromMs, toMs: Date.now() };
  const replaced = follow();
  await recovered();
  await replaced;
  await master.restart();
  await untilReplica(master);
  note("the old master is a replica");
  return change;

  async function follow(): Promise<void> {
    const successor = await sentinels.untilMasterIsNot(master);
    note(`another master after ${Date.now() - fromMs} ms`);
    await untilReplicated(successor);
    note(`which has a replica after ${Date.now() - fromMs} ms, and takes writes`);
  }
}

/** `prepare` is done to the master before. Resolves when its successor is known and the old one a replica. */
async function replaceMaster(
  { system: { sentinels }, note, recovered }: Fault,
  prepare?: (master: RedisServer) => Promise<void>,
): Promise<Change> {
  const master = await sentinels.master();
  await prepare?.(master);
  const fromMs = Date.now();
  await sentinels.failOver();
  await sentinels.untilMasterIsNot(master);
  const toMs = Date.now();
  note(`another master after ${toMs - fromMs} ms`);
  await recovered();
  await untilReplica(master);
  note(`the old master is a replica after ${Date.now() - fromMs} ms`);
  return { fromMs, toMs };
}

async function untilReplicated(server: RedisServer): Promise<void> {
  await eventually(
    async () => {
      const info = String(await server.command("INFO", "replication"));
      if (!/min_slaves_good_slaves:[1-9]/.test(info)) throw new Error("The new master has no replica");
    },
    { timeoutMs: DEMOTED_MS, intervalMs: 50 },
  );
}

async function untilReplica(server: RedisServer): Promise<void> {
  await eventually(
    async () => {
      const info = String(await server.command("INFO", "replication"));
      if (!info.includes("role:slave")) throw new Error("The old master is no replica");
      if (!info.includes("master_link_status:up")) throw new Error("The old master does not copy the new one");
    },
    { timeoutMs: DEMOTED_MS, intervalMs: 100 },
  );
}

/** So that there are keys to move: a worker that keeps up leaves next to none. */
const QUEUED_MS = 2_000;

export const SLOT_MOVED: Scenario = {
  id: "F14 slot",
  title: "Redis Cluster: the queue's slot goes to each of three masters in turn, with what waits; nothing is lost",
  expected: EXPECTED,
  system: { redisKind: "cluster" },
  async run({ system: { cluster, workers }, note, expect, recovered }) {
    for (let move = 0; move < 3; move += 1) {
      await sleep(QUIET_MS);
      const from = await cluster.ownerOf(QUEUE_KEY);
      const to = cluster.masters[(cluster.masters.indexOf(from) + 1) % cluster.masters.length] as RedisServer;
      workers[0]?.signal("SIGSTOP");
      await sleep(QUEUED_MS);
      const startedAt = performance.now();
      const keys = await cluster.moveSlot(QUEUE_KEY, to);
      note(`moved ${keys} keys in ${Math.round(performance.now() - startedAt)} ms`);
      workers[0]?.signal("SIGCONT");
      expect(keys > 10, `only ${keys} keys were moved`);
      await recovered();
    }
    expect(
      workers.every((worker) => worker.starts() === 1),
      "a worker was started anew",
    );
  },
};
