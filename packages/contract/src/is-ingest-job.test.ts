import { expect, test } from "vitest";
import { CanonicalEvents, noEvents } from "./event.ts";
import { IngestJob } from "./ingest-job.ts";
import { isIngestJob } from "./is-ingest-job.ts";
import { OBSERVATION_LEVELS, OBSERVATION_TYPES, SCORE_DATA_TYPES, SCORE_SOURCES } from "./observation-type.ts";

const id = "0190a5d2-1c7e-7c3a-9f0e-2b6d4c8e1a35";

const SOUND = {
  traces: { id: "t", stamp: 1 },
  observations: { id: "o", traceId: "t", stamp: 1 },
  scores: {
    id: "s",
    stamp: 1,
    timestampUs: 1,
    name: "n",
    dataType: "NUMERIC",
    value: 1,
    stringValue: null,
    source: "API",
  },
  metrics: { id, name: "n", labels: {}, value: 1, timestampUs: 1, environment: "e" },
};

const ENUMS = [...OBSERVATION_TYPES, ...OBSERVATION_LEVELS, ...SCORE_DATA_TYPES, ...SCORE_SOURCES];
const TEXTS = ["", "a", id, ...ENUMS, ENUMS[0]?.toLowerCase(), "constructor"];
const NUMBERS = [0, -1, 1, 1.5, -0.5, 1e15, 2 ** 53, 1e300, Number.NaN, Number.POSITIVE_INFINITY];
const OBJECTS = [{}, { a: 1 }, { a: -1 }, { a: 1.5, b: "x" }, { a: null }, { a: {} }, { a: "x" }];
const LISTS = [[], ["a"], ["a", 1], [1], [null], [{}]];
const VALUES: unknown[] = [undefined, null, true, false, ...TEXTS, ...NUMBERS, ...OBJECTS, ...LISTS];

function jobOf(kind: string, event: unknown) {
  return { v: 1, projectId: "p", receivedAtUs: 1, events: { ...noEvents(), [kind]: [event] } };
}

test("is of the schema's opinion for every field of every kind of event, whatever its value", () => {
  let accepted = 0;
  for (const [kind, { element }] of Object.entries(CanonicalEvents.shape)) {
    const sound: Record<string, unknown> = SOUND[kind as keyof typeof SOUND];
    expect(isIngestJob(jobOf(kind, sound))).toBe(true);
    for (const field of [...Object.keys(element.shape), "unheardOf"]) {
      for (const value of VALUES) {
        const job = jobOf(kind, { ...sound, [field]: value });
        const { success } = IngestJob.safeParse(job);
        expect(isIngestJob(job), `${kind}.${field} = ${JSON.stringify(value)}`).toBe(success);
        if (success) accepted += 1;
      }
    }
    for (const value of VALUES)
      expect(isIngestJob(jobOf(kind, value))).toBe(IngestJob.safeParse(jobOf(kind, value)).success);
  }
  expect(accepted).toBeGreaterThan(1_000);
});

test("is of the schema's opinion for every field of a job", () => {
  const sound = jobOf("traces", SOUND.traces);
  for (const field of Object.keys(IngestJob.shape)) {
    for (const value of VALUES) {
      const job = { ...sound, [field]: value };
      expect(isIngestJob(job), `${field} = ${JSON.stringify(value)}`).toBe(IngestJob.safeParse(job).success);
    }
  }
  for (const kind of Object.keys(SOUND)) {
    for (const value of VALUES) {
      const job = { ...sound, events: { ...sound.events, [kind]: value } };
      expect(isIngestJob(job)).toBe(IngestJob.safeParse(job).success);
    }
  }
  for (const value of VALUES) expect(isIngestJob(value)).toBe(false);
});
