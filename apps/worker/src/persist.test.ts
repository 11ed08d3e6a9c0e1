import { INGEST_JOB_VERSION, noEvents, type IngestJob } from "@xtrace/contract";
import type { QueuedJob } from "@xtrace/db";
import { createLogger } from "@xtrace/runtime";
import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { createPersist } from "./persist.ts";

function job(...traceIds: string[]): IngestJob {
  const traces = traceIds.map((id) => ({ id, stamp: 1 }));
  return { v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs: 1, events: { ...noEvents(), traces } };
}

function items(...jobs: IngestJob[]): QueuedJob[] {
  return jobs.map((one, index) => ({ id: String(index), job: one }));
}

const refused = Object.assign(new Error("invalid byte sequence"), { code: "22021" });
const away = Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });

/** A store that refuses jobs with a trace whose id starts with "bad", and is away for its first `outages` writes. */
function setup({ outages = 0, salvageFails = false } = {}) {
  const stored = new Set<string>();
  const salvaged: QueuedJob[] = [];
  const seen = { retried: [] as string[], bisected: 0, writes: 0 };
  const persist = createPersist({
    write: async (jobs) => {
      seen.writes += 1;
      if (seen.writes <= outages) throw away;
      const ids = jobs.flatMap(({ job: { events } }) => events.traces.map(({ id }) => id));
      if (ids.some((id) => id.startsWith("bad"))) throw refused;
      for (const id of ids) stored.add(id);
      return { inserted: ids.length, updated: 0, counts: { stored: ids.length, merged: 0, deadLettered: 0 } };
    },
    salvage: async (item) => {
      if (salvageFails) throw refused;
      salvaged.push(item);
      return { counts: { stored: 0, merged: 0, deadLettered: 1 }, letters: [{ id: "letter", sqlstate: "22021" }] };
    },
    log: createLogger({ name: "test", level: "fatal", destination: new Writable({ write: (_, __, done) => done() }) }),
    observe: {
      written: () => {},
      salvaged: () => {},
      retried: (code) => seen.retried.push(code),
      bisected: () => {
        seen.bisected += 1;
      },
    },
  });
  return { persist, stored, salvaged, seen };
}

describe("persist", () => {
  test("has the one refused job among two hundred salvaged and stores all its neighbours", async () => {
    const { persist, stored, salvaged, seen } = setup();
    const jobs = Array.from({ length: 200 }, (_, index) =>
      index === 77 ? job("a77", "bad", "b77") : job(`a${index}`),
    );
    await persist(items(...jobs), new AbortController().signal);
    expect(stored.size).toBe(199);
    expect(salvaged).toEqual([{ id: "77", job: job("a77", "bad", "b77") }]);
    // log2(200) rounds, two writes each.
    expect(seen.writes).toBeLessThanOrEqual(2 * 8 + 1);
  });

  test("waits for a server that is away and then stores everything, without splitting", async () => {
    const { persist, stored, seen } = setup({ outages: 2 });
    await persist(items(job("a"), job("b")), new AbortController().signal);
    expect([...stored]).toEqual(["a", "b"]);
    expect(seen).toMatchObject({ retried: ["ECONNREFUSED", "ECONNREFUSED"], bisected: 0, writes: 3 });
  });

  test("gives up when the worker stops, so that the queue delivers the batch again", async () => {
    const { persist, stored } = setup({ outages: 1_000 });
    const stopping = new AbortController();
    const pending = persist(items(job("a")), stopping.signal);
    setTimeout(() => stopping.abort(), 50);
    await expect(pending).rejects.toBe(away);
    await expect(persist(items(job("a")), stopping.signal)).rejects.toBe(away);
    expect(stored.size).toBe(0);
  });

  test("never acknowledges an event that is neither stored nor a dead letter", async () => {
    const { persist } = setup({ salvageFails: true });
    await expect(persist(items(job("bad")), new AbortController().signal)).rejects.toThrow("dead letter");
  });
});
