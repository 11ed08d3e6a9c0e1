import { INGEST_JOB_VERSION, noEvents, type IngestJob } from "@xtrace/contract";
import type { QueuedJob } from "@xtrace/db";
import { createLogger } from "@xtrace/runtime";
import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
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

const deadlocked = Object.assign(new Error("deadlock detected"), { code: "40P01" });

/**
 * A store that refuses jobs with a trace whose id starts with "bad", and of which `fails` can have a write fail
 * for another reason, told how many there were before it.
 */
function setup({ fails = (_before: number): Error | undefined => undefined, salvageFails = false } = {}) {
  const stopping = new AbortController();
  const stored = new Set<string>();
  const salvaged: QueuedJob[] = [];
  const seen = { retried: [] as string[], bisected: 0, writes: 0 };
  const { store, outage } = createPersist({
    write: async (jobs) => {
      const failure = fails(seen.writes);
      seen.writes += 1;
      if (failure) throw failure;
      const ids = jobs.flatMap(({ job: { events } }) => events.traces.map(({ id }) => id));
      if (ids.some((id) => id.startsWith("bad"))) throw refused;
      for (const id of ids) stored.add(id);
      const counts = { stored: ids.length, merged: 0, deadLettered: 0 };
      return { inserted: ids.length, updated: 0, counts, letters: [] };
    },
    salvage: async (item) => {
      if (salvageFails) throw refused;
      salvaged.push(item);
      return { counts: { stored: 0, merged: 0, deadLettered: 1 }, letters: [{ id: "letter", sqlstate: "22021" }] };
    },
    stopping: stopping.signal,
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
  return { store, outage, stopping, stored, salvaged, seen };
}

describe("persist", () => {
  test("has the one refused job among two hundred salvaged and stores all its neighbours", async () => {
    const { store, stored, salvaged, seen } = setup();
    const jobs = Array.from({ length: 200 }, (_, index) =>
      index === 77 ? job("a77", "bad", "b77") : job(`a${index}`),
    );
    await store(items(...jobs));
    expect(stored.size).toBe(199);
    expect(salvaged).toEqual([{ id: "77", job: job("a77", "bad", "b77") }]);
    // log2(200) rounds, two writes each.
    expect(seen.writes).toBeLessThanOrEqual(2 * 8 + 1);
  });

  test("waits for a server that is away and then stores everything, without splitting", async () => {
    const { store, stored, seen } = setup({ fails: (before) => (before < 2 ? away : undefined) });
    await store(items(job("a"), job("b")));
    expect([...stored]).toEqual(["a", "b"]);
    expect(seen).toMatchObject({ retried: ["ECONNREFUSED", "ECONNREFUSED"], bisected: 0, writes: 3 });
  });

  test("gives up when the worker stops, so that the queue delivers the batch again", async () => {
    const { store, stopping, stored } = setup({ fails: () => away });
    const pending = store(items(job("a")));
    const waiting = store(items(job("b")));
    setTimeout(() => stopping.abort(), 50);
    await expect(pending).rejects.toBe(away);
    await expect(waiting).rejects.toBe(away);
    await expect(store(items(job("a")))).rejects.toBe(away);
    expect(stored.size).toBe(0);
  });

  test("never acknowledges an event that is neither stored nor a dead letter", async () => {
    const { store } = setup({ salvageFails: true });
    await expect(store(items(job("bad")))).rejects.toThrow("dead letter");
  });
});

describe("persist, in an outage", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("asks with one batch, however many there are, and stores all within two seconds of the server's return", async () => {
    let isAway = true;
    const { store, outage, stored, seen } = setup({ fails: () => (isAway ? away : undefined) });
    const storing = Promise.all(Array.from({ length: 40 }, (_, index) => store(items(job(`a${index}`)))));
    await vi.advanceTimersByTimeAsync(60_000);
    const later = store(items(job("later")));
    const writesOfTheCrowd = 40;
    // A minute of pauses of one second, half to one and a half of it.
    expect(seen.writes - writesOfTheCrowd).toBeLessThan(90);
    expect(outage()).toBeDefined();
    isAway = false;
    await vi.advanceTimersByTimeAsync(2_000);
    await Promise.all([storing, later]);
    expect(stored.size).toBe(41);
    expect(outage()).toBeUndefined();
  });

  test("lets other batches pass while one meets a conflict", async () => {
    const { store, outage, stored } = setup({ fails: (before) => (before === 0 ? deadlocked : undefined) });
    const first = store(items(job("a")));
    await vi.advanceTimersByTimeAsync(0);
    expect(outage()).toBeUndefined();
    await store(items(job("b")));
    expect([...stored]).toEqual(["b"]);
    await vi.advanceTimersByTimeAsync(1_000);
    await first;
    expect([...stored]).toEqual(["b", "a"]);
  });
});
