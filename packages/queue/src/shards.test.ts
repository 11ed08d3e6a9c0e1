import { INGEST_JOB_VERSION, noEvents, type IngestJob } from "@xtrace/contract";
import { expect, test } from "vitest";
import { shardOf, shardPrefix } from "./shards.ts";

function jobOf(projectId: string, traceId: string, receivedAtUs = 1): IngestJob {
  const events = { ...noEvents(), traces: [{ id: traceId, stamp: 1 }] };
  return { v: INGEST_JOB_VERSION, projectId, receivedAtUs, events };
}

test("leaves the first shard where the queue was before there were shards", () => {
  expect([0, 1, 2].map((index) => shardPrefix("{xtrace}", index))).toEqual([
    "{xtrace}",
    "{xtrace-shard-1}",
    "{xtrace-shard-2}",
  ]);
  expect(shardPrefix("mine", 1)).toBe("{mine-shard-1}");
});

test("sends a trace of a project to the same shard always, and all traces to all shards evenly", () => {
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < 4_000; index++) {
    const shard = shardOf(jobOf("p", `trace-${index}`), 4);
    expect(shardOf(jobOf("p", `trace-${index}`, 99), 4)).toBe(shard);
    counts[shard] = (counts[shard] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test("spreads jobs without a trace by their time", () => {
  const shards = Array.from({ length: 100 }, (_, index) => {
    const job = { v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs: index, events: noEvents() } as IngestJob;
    return shardOf(job, 4);
  });
  expect(new Set(shards).size).toBe(4);
});
