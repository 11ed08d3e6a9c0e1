import { stampOf, type JsonValue } from "@xtrace/contract";
import { parseJson } from "@xtrace/runtime";
import { describe, expect, test } from "vitest";
import { decodeBatch } from "./decode-batch.ts";

const receivedAtUs = 1_767_400_000_000_000;
const startTime = "2026-01-02T03:04:05Z";
const startTimeUs = 1_767_323_045_000_000;

function decode(body: JsonValue) {
  return decodeBatch(body, { projectId: "p1", receivedAtUs, idAt: (position) => `derived-${position}` });
}

function traceOf(fields: Record<string, JsonValue>) {
  return decode({ trace: { id: "t1", ...fields } }).events.traces[0];
}

function observationOf(fields: Record<string, JsonValue>) {
  return decode({ observations: [{ id: "o1", traceId: "t1", type: "SPAN", ...fields }] }).events.observations[0];
}

describe("the body", () => {
  test.each([null, [], "batch", 5, { observations: {} }, { observations: "none" }])(
    "is refused when it is %j",
    (body) => {
      expect(() => decode(body)).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
    },
  );

  test.each([{}, { trace: null }, { observations: null }, { trace: null, observations: [] }, { unknown: 1 }])(
    "may hold nothing: %j",
    (body) => {
      const { events, rejections } = decode(body);
      expect([events.traces, events.observations, rejections.count]).toEqual([[], [], 0]);
    },
  );

  test("may hold observations alone, each with its own trace or with none", () => {
    const { events } = decode({
      observations: [
        { id: "o1", traceId: "t1", type: "SPAN" },
        { id: "o2", type: "SPAN" },
      ],
    });
    expect(events.observations.map(({ id, traceId }) => [id, traceId])).toEqual([
      ["o1", "t1"],
      ["o2", null],
    ]);
  });

  test("lends its trace to the observations that name none, also when the trace itself is bad", () => {
    const { events, rejections } = decode({
      trace: { id: "t1", timestamp: 5 },
      observations: [{ id: "o1", type: "SPAN" }],
    });
    expect(events.observations[0]?.traceId).toBe("t1");
    expect(events.traces).toEqual([]);
    expect(rejections).toEqual({ count: 1, details: [expect.objectContaining({ path: "trace.timestamp" })] });
  });

  test("gives items without an id one by their place", () => {
    const { events } = decode({ trace: { name: "a" }, observations: [{ type: "SPAN" }, { id: "", type: "SPAN" }] });
    expect(events.traces[0]?.id).toBe("derived-0");
    expect(events.observations.map(({ id, traceId }) => [id, traceId])).toEqual([
      ["derived-1", "derived-0"],
      ["derived-2", "derived-0"],
    ]);
  });

  test("keeps good items beside bad ones and names the bad ones' fields", () => {
    const { events, rejections } = decode({
      trace: "nonsense",
      observations: [
        { id: 7 },
        null,
        {},
        { id: "good", type: "SPAN" },
        { id: "o3", promptTokens: -1, startTime: "now" },
      ],
    });
    expect(events.observations.map(({ id }) => id)).toEqual(["good"]);
    expect(rejections.count).toBe(5);
    expect(rejections.details.map(({ path }) => path)).toEqual([
      "trace",
      "observations.0.id",
      "observations.1",
      "observations.2",
      "observations.4.startTime",
      "observations.4.promptTokens",
    ]);
  });

  test("is refused when more is bad in it than a mistake explains", () => {
    expect(() => decode({ observations: Array.from({ length: 10_001 }, () => ({})) })).toThrow(
      expect.objectContaining({ code: "BAD_REQUEST", message: "More than 10000 items of the request are invalid" }),
    );
  });

  test("names the first few bad items of many, and counts them all", () => {
    const { rejections } = decode({ observations: Array.from({ length: 5000 }, () => 0) });
    expect(rejections.count).toBe(5000);
    expect(rejections.details).toHaveLength(20);
  });
});

describe("a trace", () => {
  const fields = {
    name: "chat",
    userId: "u1",
    sessionId: "s1",
    release: "r1",
    version: "v1",
    externalId: "x1",
    environment: "Production",
    public: false,
    bookmarked: true,
    tags: ["a"],
    metadata: { k: { deep: 1 } },
    input: "hi",
    output: [0],
  };

  test("carries over every field, stamped with its arrival", () => {
    const sent = { ...fields, timestamp: startTime, latency: 1.5, totalCost: 0.1, projectId: "p1" };
    const stamp = stampOf(receivedAtUs);
    expect(traceOf(sent)).toStrictEqual({ ...fields, id: "t1", stamp, timestampUs: startTimeUs });
  });

  test("may be written in snake_case, but camelCase wins", () => {
    expect(traceOf({ session_id: "s1", user_id: "u1", external_id: "x1" })).toMatchObject({
      sessionId: "s1",
      userId: "u1",
      externalId: "x1",
    });
    expect(traceOf({ session_id: "snake", sessionId: "camel" })).toMatchObject({ sessionId: "camel" });
    expect(traceOf({ session_id: "snake", sessionId: null })).toMatchObject({ sessionId: "snake" });
  });

  test("says nothing by null", () => {
    const nothing = Object.fromEntries([...Object.keys(fields), "timestamp"].map((name) => [name, null]));
    expect(traceOf(nothing)).toStrictEqual({ id: "t1", stamp: receivedAtUs });
  });

  test("keeps metadata that is no object under a key", () => {
    expect(traceOf({ metadata: [1] })?.metadata).toEqual({ metadata: [1] });
  });
});

describe("an observation", () => {
  test("carries over every field, stamped with its arrival", () => {
    const fields = {
      traceId: "t1",
      parentObservationId: "o0",
      name: "chat",
      statusMessage: "ok",
      version: "v1",
      environment: "prod",
      model: "gpt-4o",
      modelParameters: { temperature: 0 },
      promptId: "pr1",
      promptName: "p",
      promptVersion: "3",
      metadata: { step_id: "1" },
      input: { q: 1 },
      output: "yo",
    };
    const times = { startTime, endTime: "2026-01-02T03:04:07Z", completionStartTime: "2026-01-02T03:04:06Z" };
    expect(observationOf({ ...fields, ...times, level: "ERROR", latency: 9, timeToFirstToken: 1 })).toStrictEqual({
      ...fields,
      id: "o1",
      stamp: receivedAtUs,
      type: "SPAN",
      startTimeUs,
      endTimeUs: startTimeUs + 2_000_000,
      completionStartTimeUs: startTimeUs + 1_000_000,
      level: "ERROR",
    });
  });

  test("may be written in snake_case", () => {
    const sent = { start_time: startTime, parent_observation_id: "o0", model_parameters: { a: 1 }, prompt_version: 2 };
    expect(observationOf(sent)).toMatchObject({
      startTimeUs,
      parentObservationId: "o0",
      modelParameters: { a: 1 },
      promptVersion: "2",
    });
  });

  test("without a type is a generation until somebody says otherwise", () => {
    const { events } = decode({ observations: [{ id: "o1", traceId: "t1", name: "chat" }] });
    expect(events.observations).toStrictEqual([
      { id: "o1", traceId: "t1", stamp: stampOf(receivedAtUs), name: "chat" },
      { id: "o1", traceId: "t1", stamp: stampOf(receivedAtUs, "inferred"), type: "GENERATION" },
    ]);
  });

  test.each<[Record<string, JsonValue>, object]>([
    [{ type: "generation" }, { type: "GENERATION" }],
    [{ type: "Dream" }, { type: "SPAN", metadata: { type: "Dream" } }],
    [
      { type: "Dream", metadata: { type: "mine" } },
      { type: "SPAN", metadata: { type: "mine" } },
    ],
    [{ level: "warn" }, { level: "WARNING" }],
    [{ level: "Error" }, { level: "ERROR" }],
    [{ level: "LOUD", metadata: { k: 1 } }, { metadata: { level: "LOUD", k: 1 } }],
  ])("with %j comes out as %j", (sent, expected) => {
    expect(observationOf(sent)).toMatchObject(expected);
  });

  test("written twice in one request is newer the second time", () => {
    const { events } = decode({
      observations: [
        { id: "o1", type: "SPAN", name: "first" },
        { id: "o1", type: "SPAN", name: "second" },
      ],
    });
    expect(events.observations.map(({ stamp }) => stamp)).toEqual([receivedAtUs, receivedAtUs + 1]);
  });

  test("keeps a key __proto__ in metadata as plain data, also beside an unknown type", () => {
    const metadata = parseJson(Buffer.from('{"__proto__":{"polluted":true}}'));
    const written = JSON.stringify(observationOf({ type: "Dream", metadata })?.metadata);
    expect(written).toBe('{"type":"Dream","__proto__":{"polluted":true}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("wraps model parameters that are no object", () => {
    expect(observationOf({ modelParameters: "greedy" })?.modelParameters).toEqual({ modelParameters: "greedy" });
  });
});
