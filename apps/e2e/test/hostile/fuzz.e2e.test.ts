import { eventually, testRedisUrl } from "@xtrace/testkit";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRedisSystem } from "../../src/redis-system.ts";
import { basicAuth, type TestSystem } from "../../src/test-system.ts";
import { send, type Answer } from "../support/api.ts";
import { expectConserved } from "../support/conservation.ts";
import type { ExpectedRow, FuzzRequest } from "../support/fuzz/fuzz-request.ts";
import { JSON_REQUESTS } from "../support/fuzz/json-requests.ts";
import { protobufExport } from "../support/fuzz/protobuf-requests.ts";
import { readRequests } from "../support/fuzz/read-requests.ts";
import { missingRows } from "../support/fuzz/stored-rows.ts";
import { mapConcurrently } from "../support/map-concurrently.ts";
import { readOperations } from "../support/read-operations.ts";

/** `FUZZ_SEED` repeats a run, `FUZZ_RUNS` makes it longer: `pnpm fuzz` sends 10,000. */
const SEED = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 400);

/** Values are made a few at a time: ten thousand at once would fill this process. */
const CHUNK = 100;
const ANSWER_TIMEOUT_MS = 30_000;
const BOOT_TIMEOUT_MS = 120_000;
const TEST_TIMEOUT_MS = 60_000 + RUNS * 200;
const DRAIN_TIMEOUT_MS = 120_000;
const MEMORY_BOUND_BYTES = 512 * 1024 * 1024;

/** Refused as a whole, or taken in part or as a whole. Nothing else is an answer to input. */
const ANSWERS: Readonly<Record<FuzzRequest["method"], readonly number[]>> = {
  POST: [200, 202, 207, 400, 413, 415],
  GET: [200, 400, 404, 414, 431],
};

/** What single addresses rightly answer besides. */
const ANSWERS_AT: ReadonlyArray<readonly [path: RegExp, status: number]> = [
  // Nothing opens it but a signature of this system's.
  [/^\/api\/public\/media\/[^/?]+\/download\?/, 403],
  // It is asked whether anything came in lately.
  [/^\/api\/public\/health\?(.*&)?failIfNoRecentEvents=true\b/, 503],
];

describe.skipIf(testRedisUrl() === undefined)(`${RUNS} hostile requests, FUZZ_SEED=${SEED}`, () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await startRedisSystem();
  }, BOOT_TIMEOUT_MS);
  afterAll(() => system?.stop());

  test("make no failure, and whatever was taken is stored", { timeout: TEST_TIMEOUT_MS }, async () => {
    const writes = fc.oneof(...JSON_REQUESTS, protobufExport, protobufExport);
    const reads = readRequests(await readOperations(system));
    const requests = fc.oneof({ weight: 4, arbitrary: writes }, { weight: 1, arbitrary: reads });
    const faults: string[] = [];
    const taken: ExpectedRow[] = [];
    const counts = new Map<number, number>();
    const memory: Array<Readonly<Record<string, number>>> = [];

    for (let first = 0; first < RUNS; first += CHUNK) {
      const made = fc.sample(requests, { seed: SEED + first, numRuns: Math.min(CHUNK, RUNS - first) });
      await mapConcurrently([...made.entries()], async ([index, make]) => {
        const request = make(first + index);
        const answer = await answerTo(request);
        counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
        const fault = faultOf(request, answer);
        if (fault) faults.push(`request ${first + index}: ${fault}\n${logOf(answer)}`);
        taken.push(...rowsTaken(request, answer));
      });
      memory.push(await system.memoryBytes());
      if (faults.length > 20) break;
    }
    expect(faults).toEqual([]);

    await eventually(
      async () => expect(await system.queueCounts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 }),
      { timeoutMs: DRAIN_TIMEOUT_MS, intervalMs: 250 },
    );
    // One that nobody sent shows that the others were looked for.
    const unsent = { table: "traces", id: "never sent" } as const;
    expect(await missingRows(system.databaseUrl, [...taken, unsent])).toEqual(["traces never sent"]);
    expect(taken.length).toBeGreaterThan(RUNS / 3);
    expect(await expectConserved(system)).toBeGreaterThanOrEqual(taken.length);
    expect(await system.deadLetters()).toEqual([]);
    expect(system.deadProcesses()).toEqual([]);
    for (const sample of memory) expect(Math.max(...Object.values(sample))).toBeLessThan(MEMORY_BOUND_BYTES);
    report(counts, taken.length, memory);
  });

  /** Why, where it was the server's fault. */
  function logOf({ body }: Answer): string {
    const requestId: unknown = body?.requestId;
    if (typeof requestId !== "string") return "";
    return system.logs().find((line) => line.includes(requestId)) ?? "";
  }

  async function answerTo({ method, path, headers, body }: FuzzRequest): Promise<Answer> {
    try {
      return await send(`${system.baseUrl}${path}`, {
        method,
        headers: { Authorization: basicAuth(system.projectA), ...headers },
        ...(body !== undefined && { body: body as string }),
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
    } catch (error) {
      return { status: 0, headers: new Headers(), text: String(error), body: undefined };
    }
  }
});

function faultOf(request: FuzzRequest, answer: Answer): string | undefined {
  const tell = (what: string) =>
    `${what}: ${answer.status} ${answer.text.slice(0, 300)} to ${request.method} ${request.path.slice(0, 500)} ` +
    `${JSON.stringify(request.headers)} ${Buffer.from((request.body ?? "") as string)
      .toString("utf8")
      .slice(0, 2_000)}`;
  if (!isExpected(request, answer)) return tell("unexpected answer");
  const isTaken = answer.status < 300;
  if (isTaken && request.neighbour && !request.neighbour.isAccepted(answer)) return tell("a good neighbour refused");
  return undefined;
}

function isExpected({ method, path }: FuzzRequest, { status }: Answer): boolean {
  if (ANSWERS[method].includes(status)) return true;
  return method === "GET" && ANSWERS_AT.some(([at, also]) => status === also && at.test(path));
}

function rowsTaken({ rows, neighbour }: FuzzRequest, answer: Answer): ExpectedRow[] {
  return [...rows, ...(neighbour ? [neighbour] : [])].filter((row) => row.isAccepted(answer));
}

function report(
  counts: ReadonlyMap<number, number>,
  rows: number,
  memory: ReadonlyArray<Readonly<Record<string, number>>>,
): void {
  const mebibytes = (sample: Readonly<Record<string, number>> = {}) =>
    Object.entries(sample).map(([name, bytes]) => `${name} ${Math.round(bytes / 2 ** 20)} MiB`);
  const answers = [...counts].toSorted(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`);
  console.log(
    `FUZZ_SEED=${SEED} FUZZ_RUNS=${RUNS}: ${answers.join(", ")}; ${rows} rows accepted and stored; ` +
      `memory after the first ${CHUNK} ${mebibytes(memory[0]).join(", ")}, at the end ${mebibytes(memory.at(-1)).join(", ")}`,
  );
}
