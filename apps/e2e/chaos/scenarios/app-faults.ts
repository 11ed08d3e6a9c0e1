import { setTimeout as sleep } from "node:timers/promises";
import { untilReady } from "../../src/app-process.ts";
import type { SupervisedApp } from "../system/chaos-system.ts";
import { SUCCESS, type Fault, type Scenario } from "./scenario.ts";

const EXIT_LIMIT_MS = 15_000;

export const GATEWAY_KILLS: Scenario = {
  id: "F1",
  title: "gateway: kill -9 ten times; senders reconnect, nothing is lost or doubled",
  expected: { answers: [...SUCCESS, "503", "reset"], sees: ["reset"], recoveryMs: 10_000 },
  async run({ system: { gateways }, full, recovered }) {
    for (let kill = 0; kill < 10; kill += 1) {
      await gateways[0]?.kill();
      await sleep(full ? 6_000 : 2_500);
    }
    await recovered();
  },
};

export const WORKER_KILLS: Scenario = {
  id: "F3",
  title: "worker: kill -9 every 3 s for 60 s (21 s unless --full); its jobs are delivered again and none fails",
  expected: { answers: SUCCESS, recoveryMs: 60_000 },
  async run({ system: { workers }, full, recovered }) {
    for (let kill = 0; kill < (full ? 20 : 7); kill += 1) {
      await workers[0]?.kill();
      await sleep(3_000);
    }
    await recovered();
  },
};

export const WORKER_STOP: Scenario = {
  id: "F4",
  title: "worker: SIGTERM three times; stores what it has in hand and exits 0 within 15 s",
  expected: { answers: SUCCESS, recoveryMs: 20_000 },
  async run(fault) {
    const worker = fault.system.workers[0];
    for (let round = 0; round < 3; round += 1) {
      await sleep(2_000);
      const startedAt = performance.now();
      const exit = await worker?.takeDown();
      const tookMs = performance.now() - startedAt;
      fault.note(`stopped in ${Math.round(tookMs)} ms`);
      fault.expect(exit?.code === 0, `SIGTERM ended with ${JSON.stringify(exit)}`);
      fault.expect(tookMs < EXIT_LIMIT_MS, `the worker took ${Math.round(tookMs)} ms to stop`);
      await worker?.bringUp();
      if (worker) await untilReady(worker.url);
    }
    await fault.recovered();
  },
};

export const WORKER_FROZEN: Scenario = {
  id: "F5",
  title: "worker: one of two SIGSTOPped for 45 s; the other does its jobs, and it works on afterwards",
  expected: { answers: SUCCESS, recoveryMs: 20_000 },
  system: { workers: 2 },
  async run(fault) {
    const [frozen, other] = fault.system.workers;
    frozen?.signal("SIGSTOP");
    await sleep(45_000);
    frozen?.signal("SIGCONT");
    await fault.recovered();
    await worksAlone(fault, frozen, other);
  },
};

export const WORKER_BLOCKED: Scenario = {
  id: "F6",
  title: "worker: one of two has its event loop blocked for 40 s; as F5",
  expected: { answers: SUCCESS, recoveryMs: 20_000 },
  system: {
    workers: 2,
    workerEnv: () => ({ NODE_OPTIONS: `--import=${new URL("../faults/block-on-signal.mjs", import.meta.url).href}` }),
  },
  async run(fault) {
    const [blocked, other] = fault.system.workers;
    blocked?.signal("SIGUSR2");
    await sleep(42_000);
    await fault.recovered();
    await worksAlone(fault, blocked, other);
  },
};

/** That the first one still consumes shows when it is the only one. */
async function worksAlone(fault: Fault, first?: SupervisedApp, second?: SupervisedApp): Promise<void> {
  await second?.takeDown();
  await fault.recovered();
  fault.expect(first?.starts() === 1, "the worker was started anew");
  await second?.bringUp();
}
