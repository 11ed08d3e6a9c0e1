import { countEvents, INGEST_JOB_VERSION, noEvents } from "@xtrace/contract";
import { expect, test } from "vitest";
import { splitJob } from "./split-job.ts";

test("halves a job over all kinds of events, losing and doubling none", () => {
  const traces = [
    { id: "t1", stamp: 1 },
    { id: "t2", stamp: 1 },
  ];
  const observations = [{ id: "o1", traceId: "t1", stamp: 1 }];
  const job = {
    v: INGEST_JOB_VERSION as 1,
    projectId: "p",
    receivedAtUs: 1,
    events: { ...noEvents(), traces, observations },
  };
  const halves = splitJob(job);
  expect(halves?.map(({ events }) => countEvents(events))).toEqual([1, 2]);
  expect(halves?.flatMap(({ events }) => events.traces)).toEqual(traces);
  expect(halves?.flatMap(({ events }) => events.observations)).toEqual(observations);
});

test("leaves a single event alone", () => {
  const events = { ...noEvents(), traces: [{ id: "t", stamp: 1 }] };
  expect(splitJob({ v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs: 1, events })).toBeUndefined();
});
