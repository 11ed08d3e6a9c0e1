import { INGEST_JOB_VERSION, noEvents } from "@xtrace/contract";
import { expect, test } from "vitest";
import { readJob, UnknownJobVersionError } from "./deliver.ts";

const job = { v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs: 7, events: noEvents() };

test("reads a job of its version", () => {
  expect(readJob({ id: "1", data: job })).toEqual({ item: { id: "1", job } });
});

test("leaves a job of another version to another worker", () => {
  for (const data of [{ ...job, v: 2 }, {}, null, "text"]) {
    expect(() => readJob({ id: "1", data })).toThrow(UnknownJobVersionError);
  }
});

test("makes a dead letter of a malformed job, naming what is wrong", () => {
  const data = { ...job, events: { ...noEvents(), traces: [{ id: "", stamp: 1 }] } };
  expect(readJob({ id: "1", data })).toMatchObject({
    deadLetter: {
      id: "1",
      projectId: "p",
      receivedAtUs: 7,
      payload: data,
      error: expect.stringContaining("events.traces.0.id"),
    },
  });
  expect(readJob({ id: "1", data: { v: INGEST_JOB_VERSION } })).toMatchObject({
    deadLetter: { projectId: "", receivedAtUs: 0 },
  });
});
