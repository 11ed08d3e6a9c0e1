import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { basicAuth, PROJECT_A } from "../../src/test-system.ts";
import { countJobs, withQueue } from "../verify/queue-counts.ts";
import { SUCCESS, type Scenario } from "./scenario.ts";

const LIBFAKETIME = `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/faketime/libfaketime.so.1`;

export const WRONG_CLOCK: Scenario = {
  id: "F25",
  title: "clock: one of two workers is 2 h ahead, then 2 h behind; order goes by event time, nothing crashes",
  expected: { answers: SUCCESS, recoveryMs: 20_000 },
  notHere: () => (existsSync(LIBFAKETIME) ? undefined : "needs libfaketime (apt-get install libfaketime)"),
  system: {
    workers: 3,
    workerEnv: (index) => (index === 2 ? {} : { LD_PRELOAD: LIBFAKETIME, FAKETIME: index === 0 ? "+2h" : "-2h" }),
  },
  async run({ system: { workers }, recovered }) {
    for (const worker of workers) {
      await sleep(4_000);
      // Its jobs go to one whose clock says that they are hours old, or not begun.
      await worker.kill();
    }
    await sleep(8_000);
    await recovered();
  },
};

export const NEWER_GATEWAY: Scenario = {
  id: "F26",
  title: "upgrade: jobs of a version that the workers do not know; they stay in the queue, the others go on",
  expected: { answers: SUCCESS, recoveryMs: 20_000 },
  async run({ system, expect, recovered }) {
    await withQueue(system, async (queue) => {
      const added = await queue.addBulk(
        Array.from({ length: 5 }, (_, index) => ({
          name: "ingest",
          data: { v: 99, projectId: PROJECT_A.projectId, receivedAtUs: 1, batch: "of the future" },
          opts: { jobId: `future-${index}-0`, attempts: 1_000_000, backoff: { type: "fixed", delay: 2_000 } },
        })),
      );
      await sleep(10_000);
      await recovered();
      expect((await countJobs(queue)).failed === 0, "a job of another version failed");
      const states = await Promise.all(added.map((job) => job.getState()));
      expect(
        states.every((state) => ["delayed", "waiting", "active"].includes(state)),
        `jobs of another version are ${states.join(", ")}`,
      );
      // A newer worker would take them now.
      for (const job of added) await removePatiently(() => job.remove());
    });
    return { lawIsBroken: true };
  },
};

/** A job cannot be removed in the moment in which a worker looks at it. */
async function removePatiently(remove: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const isRemoved = await remove().then(
      () => true,
      () => false,
    );
    if (isRemoved) return;
    await sleep(100);
  }
}

export const CUT_REQUESTS: Scenario = {
  id: "F27",
  title: "network: 60 requests cut off in the middle of their body; nothing of them is stored",
  expected: { answers: SUCCESS, recoveryMs: 20_000 },
  async run({ system: { gateways }, recovered }) {
    for (let cut = 0; cut < 60; cut += 1) {
      // Whatever of it is stored was never sent by a sender, which the verification finds.
      const observations = Array.from({ length: 50 }, (_, index) => ({
        id: `cut-${cut}-${index}`,
        traceId: `cut-${cut}`,
      }));
      await sendHalf(gateways[0]?.url ?? "", "/v1/l/batch", JSON.stringify({ observations }));
      await sleep(100);
    }
    await recovered();
  },
};

async function sendHalf(url: string, path: string, body: string): Promise<void> {
  const socket = open(url);
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basicAuth(PROJECT_A)}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body.slice(0, body.length / 2)}`,
  );
  await sleep(50);
  socket.destroy();
}

function open(url: string) {
  const { port, hostname } = new URL(url);
  return connect(Number(port), hostname).on("error", () => {});
}

const SLOW_READERS = 40;
const MAX_GROWTH_MB = 250;

export const SLOW_READERS_OF_MUCH: Scenario = {
  id: "F28",
  title: `query: ${SLOW_READERS} clients ask for big pages and read nothing; memory stays flat, others are served`,
  expected: { answers: SUCCESS, recoveryMs: 20_000 },
  async run({ system: { query }, note, expect, recovered }) {
    await sleep(8_000);
    const before = await residentMb(query.pid());
    const path = "/api/public/observations?limit=100";
    const request = `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basicAuth(PROJECT_A)}\r\n\r\n`;
    const sockets = Array.from({ length: SLOW_READERS }, () => open(query.url).pause());
    // Ten pages each, one behind the other on a connection.
    for (const socket of sockets) socket.write(request.repeat(10));
    await sleep(10_000);
    const during = await residentMb(query.pid());
    note(`query: ${before} MB before, ${during} MB with ${SLOW_READERS} readers that do not read`);
    expect(during - before < MAX_GROWTH_MB, `query grew by ${during - before} MB`);
    const answer = await fetch(`${query.url}${path}`, { headers: { Authorization: basicAuth(PROJECT_A) } });
    await answer.arrayBuffer();
    expect(answer.status === 200, `another reader was answered ${answer.status}`);
    for (const socket of sockets) socket.destroy();
    await recovered();
  },
};

async function residentMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024);
}
