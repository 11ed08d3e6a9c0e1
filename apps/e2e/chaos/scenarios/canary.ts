import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { partOf } from "../load/part.ts";
import type { Entry } from "../load/ledger.ts";
import { basicAuth, PROJECT_A } from "../../src/test-system.ts";
import type { ChaosSystem } from "../system/chaos-system.ts";

export type Canary = {
  /** From the first attempt until the event was in the database. */
  readonly tookMs: number;
  /** From the first attempt until a gateway had said 2xx. */
  readonly acceptedMs: number;
  readonly acked: Entry;
  /** Its trace comes into being with it. */
  readonly sent: readonly Entry[];
};

const TIMEOUT_MS = 120_000;
const RETRY_MS = 50;

/** Writes one event as a client would and waits until it is in the database. */
export async function sendCanary(system: ChaosSystem): Promise<Canary> {
  const startedAt = performance.now();
  const deadline = startedAt + TIMEOUT_MS;
  const traceId = randomUUID();
  const observation = { id: `canary-${traceId}`, traceId, type: "SPAN", input: "canary" };
  for (let attempt = 0; !(await isAccepted(system, attempt, { observations: [observation] })); attempt += 1) {
    if (performance.now() > deadline)
      throw new Error(`No gateway accepts events ${TIMEOUT_MS / 1_000} s after the fault`);
    await sleep(RETRY_MS);
  }
  const acceptedMs = performance.now() - startedAt;
  const sql = postgres(system.databaseUrl, { max: 1, onnotice: () => {}, connect_timeout: 5 });
  try {
    while (!(await isStored(sql, observation.id))) {
      if (performance.now() > deadline) throw new Error(`Nothing is stored ${TIMEOUT_MS / 1_000} s after the fault`);
      await sleep(RETRY_MS);
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
  const atMs = Date.now();
  const acked = { ...partOf("observation", observation.id, "input", [traceId, observation.input]), atMs };
  const trace = { ...partOf("trace", traceId, "name", [null]), atMs };
  return { tookMs: performance.now() - startedAt, acceptedMs, acked, sent: [acked, trace] };
}

async function isAccepted({ gateways }: ChaosSystem, attempt: number, body: object): Promise<boolean> {
  const url = gateways[attempt % gateways.length]?.url ?? "";
  const answer = await fetch(`${url}/v1/l/batch`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: basicAuth(PROJECT_A) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.status === 200;
}

async function isStored(sql: postgres.Sql, id: string): Promise<boolean> {
  const found = await sql`select 1 from observations where project_id = ${PROJECT_A.projectId} and id = ${id}`.catch(
    () => [],
  );
  return found.length > 0;
}
