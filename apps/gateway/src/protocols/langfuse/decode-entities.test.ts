import { LIMITS, type JsonValue, type ObservationEvent, type TraceEvent } from "@xtrace/contract";
import { parseJson } from "@xtrace/runtime";
import { describe, expect, test } from "vitest";
import { decodeIngestion } from "./decode-ingestion.ts";

const timestamp = "2026-01-02T03:04:05.678Z";
const timeUs = 1_767_323_045_678_000;

function traceOf(body: Record<string, JsonValue>): TraceEvent | undefined {
  return decodeOne("trace-create", { id: "t1", ...body }).events.traces[0];
}

function observationOf(body: Record<string, JsonValue>): ObservationEvent | undefined {
  return decodeOne("generation-create", { id: "o1", ...body }).events.observations[0];
}

function decodeOne(type: string, body: JsonValue) {
  return decodeIngestion({ batch: [{ id: "e1", type, timestamp, body }] }, { scoresOnly: false });
}

function errorOf(type: string, body: JsonValue): string | undefined {
  return decodeOne(type, body).errors[0]?.error;
}

describe("a trace", () => {
  test("carries over every field", () => {
    const fields = {
      name: "chat",
      userId: "u1",
      sessionId: "s1",
      release: "r1",
      version: "v1",
      externalId: "x1",
      public: true,
      tags: ["b", "a"],
      metadata: { deep: { k: [1] } },
      input: { q: "hi" },
      output: 0,
    };
    const sent = { ...fields, timestamp: "2026-01-02T03:04:05+01:00", environment: "Staging", unknown: 1 };
    expect(traceOf(sent)).toEqual({
      ...fields,
      id: "t1",
      stamp: timeUs,
      timestampUs: 1_767_319_445_000_000,
      environment: "staging",
    });
  });

  test("says only what was said", () => {
    expect(Object.keys(traceOf({}) ?? {})).toEqual(["id", "stamp"]);
  });

  test("clears its name, user, session, release and version with null, and nothing else", () => {
    const everything = {
      name: null,
      userId: null,
      sessionId: null,
      release: null,
      version: null,
      timestamp: null,
      externalId: null,
      environment: null,
      public: null,
      tags: null,
      metadata: null,
      input: null,
      output: null,
    };
    expect(traceOf(everything)).toStrictEqual({
      id: "t1",
      stamp: timeUs,
      name: null,
      userId: null,
      sessionId: null,
      release: null,
      version: null,
    });
  });

  test("has long names cut, not refused", () => {
    const trace = traceOf({ name: "n".repeat(5000), sessionId: "s".repeat(5000) });
    expect(trace?.name).toHaveLength(LIMITS.maxNameLength);
    expect(trace?.sessionId).toHaveLength(LIMITS.maxNameLength);
  });

  test.each([
    [[1, 2], { metadata: [1, 2] }],
    ["text", { metadata: "text" }],
    [false, { metadata: false }],
    [{}, {}],
  ])("keeps metadata %j as %j", (sent, metadata) => {
    expect(traceOf({ metadata: sent })?.metadata).toEqual(metadata);
  });

  test("keeps a key __proto__ in metadata as plain data", () => {
    const trace = traceOf({ metadata: parseJson(Buffer.from('{"__proto__":{"polluted":true}}')) });
    expect(JSON.stringify(trace?.metadata)).toBe('{"__proto__":{"polluted":true}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("an observation", () => {
  test("carries over every field", () => {
    const fields = {
      traceId: "t1",
      parentObservationId: "o0",
      name: "gen",
      statusMessage: "careful",
      version: "v1",
      environment: "staging",
      model: "gpt-4o",
      modelParameters: { temperature: 0.1, stop: ["x"], n: null },
      promptName: "p",
      metadata: { k: 1 },
      input: [{ role: "user", content: "hi" }],
      output: "yo",
    };
    const sent = {
      ...fields,
      startTime: "2026-01-02T03:04:05Z",
      endTime: "2026-01-02T03:04:07Z",
      completionStartTime: "2026-01-02T03:04:06.5Z",
      level: "warning",
      promptVersion: 3,
      usage: { promptTokens: 3, completionTokens: 4, totalTokens: 7 },
      costDetails: { input: 0.1, total: 0.3 },
    };
    expect(observationOf(sent)).toStrictEqual({
      ...fields,
      id: "o1",
      stamp: timeUs,
      type: "GENERATION",
      startTimeUs: 1_767_323_045_000_000,
      endTimeUs: 1_767_323_047_000_000,
      completionStartTimeUs: 1_767_323_046_500_000,
      level: "WARNING",
      promptVersion: "3",
      usageDetails: { input: 3, output: 4, total: 7 },
      usageUnit: "TOKENS",
      costDetails: { input: 0.1, total: 0.3 },
    });
  });

  test("without a trace id leaves the trace open", () => {
    expect(observationOf({})).toStrictEqual({ id: "o1", traceId: null, stamp: timeUs, type: "GENERATION" });
  });

  test("clears its name, model and level with null, and nothing else", () => {
    const everything = {
      name: null,
      model: null,
      level: null,
      traceId: null,
      parentObservationId: null,
      startTime: null,
      endTime: null,
      completionStartTime: null,
      statusMessage: null,
      version: null,
      environment: null,
      modelParameters: null,
      usage: null,
      usageDetails: null,
      costDetails: null,
      promptName: null,
      promptVersion: null,
      metadata: null,
      input: null,
      output: null,
    };
    expect(observationOf(everything)).toStrictEqual({
      id: "o1",
      traceId: null,
      stamp: timeUs,
      type: "GENERATION",
      name: null,
      model: null,
      level: null,
    });
  });

  test("takes empty objects and references for nothing said", () => {
    const empty = { modelParameters: {}, usageDetails: {}, costDetails: {}, parentObservationId: "", promptName: "" };
    expect(observationOf(empty)).toStrictEqual({ id: "o1", traceId: null, stamp: timeUs, type: "GENERATION" });
  });

  test("links a prompt by name and version together or not at all", () => {
    expect(errorOf("generation-create", { id: "o1", promptName: "p" })).toContain("body.promptVersion");
    expect(errorOf("generation-update", { id: "o1", promptVersion: 1 })).toContain("body.promptVersion");
    expect(observationOf({ promptName: "p", promptVersion: "7" })).toMatchObject({ promptVersion: "7" });
  });

  test.each([
    ["level", "LOUD"],
    ["startTime", "2026-01-02 03:04"],
    ["endTime", 1_767_323_045],
    ["completionStartTime", "9999-12-31T00:00:00Z"],
    ["parentObservationId", "x".repeat(801)],
    ["modelParameters", [1]],
    ["usageDetails", "many"],
    ["name", 5],
  ])("is refused for a bad %s, naming it", (field, value) => {
    expect(errorOf("generation-create", { id: "o1", [field]: value })).toContain(`body.${field}: `);
  });
});
