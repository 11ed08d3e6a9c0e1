import { LIMITS, OBSERVATION_TYPES, stampOf, type JsonValue } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { eventStamp } from "./event-stamp.ts";
import { decodeIngestion } from "./decode-ingestion.ts";

const timestamp = "2026-01-02T03:04:05.678Z";
const timeUs = 1_767_323_045_678_000;

function decode(...batch: JsonValue[]) {
  return decodeIngestion({ batch }, { scoresOnly: false });
}

function event(type: string, body: JsonValue, id = "e1"): JsonValue {
  return { id, type, timestamp, body };
}

describe("the envelope", () => {
  test.each([null, [], "batch", {}, { batch: null }, { batch: {} }])("refuses %j, which holds no batch", (body) => {
    expect(() => decodeIngestion(body, { scoresOnly: false })).toThrow(
      expect.objectContaining({ code: "BAD_REQUEST", message: "Invalid request data" }),
    );
  });

  test("is refused when more events are bad than a mistake explains", () => {
    const batch = Array.from({ length: 10_001 }, () => 0);
    expect(() => decodeIngestion({ batch }, { scoresOnly: false })).toThrow(
      expect.objectContaining({ code: "BAD_REQUEST" }),
    );
  });

  test("takes an empty batch for a success", () => {
    expect(decode()).toEqual({
      events: { traces: [], observations: [], scores: [], metrics: [] },
      successes: [],
      errors: [],
      logCount: 0,
    });
  });
});

describe("one event", () => {
  test.each([
    [null, "unknown"],
    [7, "unknown"],
    [[], "unknown"],
    [{ type: "trace-create" }, "unknown"],
    [{ id: 12, type: "trace-create", timestamp, body: {} }, "unknown"],
    [{ id: "e1", type: "trace-delete", timestamp, body: {} }, "e1"],
    [{ id: "e1", type: "dataset-run-item-create", timestamp, body: {} }, "e1"],
    [{ id: "e1", type: "trace-create", timestamp, body: null }, "e1"],
    [{ id: "e1", type: "trace-create", timestamp: "yesterday", body: {} }, "e1"],
    [{ id: "e\r1", type: "trace-create", timestamp, body: {} }, "e\r1"],
    [{ id: "e".repeat(900), type: "trace-create", timestamp, body: {} }, "e".repeat(LIMITS.maxIdLength)],
  ])("that is broken fails alone, under the id it has: %j", (broken, id) => {
    const { successes, errors, events } = decode(broken, event("trace-create", { id: "t1" }, "good"));
    expect(errors).toEqual([expect.objectContaining({ id, status: 400, message: "Invalid request data" })]);
    expect(successes).toEqual([{ id: "good", status: 201 }]);
    expect(events.traces.map((trace) => trace.id)).toEqual(["t1"]);
  });

  test("is told of each bad field by name and never by value", () => {
    const { errors } = decode(
      event("span-create", { id: "o1", startTime: "secret-time", level: "secret-level", name: { secret: 1 } }),
    );
    expect(errors[0]?.error).toContain("body.startTime: expected an ISO 8601 time with an offset");
    expect(errors[0]?.error).toContain("body.level: expected DEBUG, DEFAULT, WARNING or ERROR");
    expect(errors[0]?.error).toContain("body.name: ");
    expect(errors[0]?.error).not.toContain("secret");
  });

  test("may share its id and its entity with others: all are emitted", () => {
    const { events, successes } = decode(
      event("trace-create", { id: "t1", name: "a" }),
      event("trace-create", { id: "t1", name: "b" }),
    );
    expect(events.traces.map((trace) => trace.name)).toEqual(["a", "b"]);
    expect(successes).toHaveLength(2);
  });

  test("without an entity id gets one from its own id, so a re-sent batch writes it once", () => {
    const batch = [
      event("trace-create", { name: "a" }),
      event("span-create", { name: "a" }),
      event("score-create", { traceId: "t1", name: "a", value: 1 }),
    ];
    const first = decode(...batch).events;
    expect(decode(...batch).events).toEqual(first);
    const ids = [first.traces[0]?.id, first.observations[0]?.id, first.scores[0]?.id];
    expect(new Set(ids).size).toBe(3);
    expect(decode(event("trace-create", { name: "a" }, "e2")).events.traces[0]?.id).not.toBe(ids[0]);
  });

  test.each(["span-update", "generation-update", "observation-update"])(
    "%s without an id has nothing to update",
    (type) => {
      const { errors } = decode(event(type, { name: "a" }));
      expect(errors[0]?.error).toContain("body.id");
    },
  );

  test.each(["x".repeat(801), "", "a\rb"])("with an unusable entity id is refused: %j", (id) => {
    expect(decode(event("trace-create", { id })).errors[0]?.error).toContain("body.id");
    expect(decode(event("span-create", { id: "o1", traceId: id })).errors[0]?.error).toContain("body.traceId");
    expect(decode(event("generation-update", { id })).errors[0]?.error).toContain("body.id");
    expect(decode(event("score-create", { id, traceId: "t1", name: "a", value: 1 })).errors[0]?.error).toContain(
      "body.id",
    );
  });
});

describe("event types", () => {
  test.each(OBSERVATION_TYPES)("%s has a create and an update of its own", (type) => {
    const { events } = decode(
      event(`${type.toLowerCase()}-create`, { id: "o1", traceId: "t1" }),
      event(`${type.toLowerCase()}-update`, { id: "o1", traceId: "t1" }),
    );
    expect(events.observations).toEqual([
      { id: "o1", traceId: "t1", type, stamp: stampOf(timeUs) },
      { id: "o1", traceId: "t1", type, stamp: eventStamp(timeUs, { isUpdate: true, place: 1 }) },
    ]);
  });

  test("observation-create says its type in the body, in any case of letters", () => {
    const { events, errors } = decode(
      event("observation-create", { id: "o1", type: "generation" }),
      event("observation-create", { id: "o2" }, "untyped"),
      event("observation-create", { id: "o3", type: "DREAM" }, "unknown"),
    );
    expect(events.observations.map(({ id, type }) => [id, type])).toEqual([["o1", "GENERATION"]]);
    expect(errors.map(({ id, error }) => [id, error.split(":")[0]])).toEqual([
      ["untyped", "body.type"],
      ["unknown", "body.type"],
    ]);
  });

  test("observation-update may leave the type as it is", () => {
    const { events } = decode(event("observation-update", { id: "o1" }));
    expect(events.observations[0]).toEqual({
      id: "o1",
      traceId: null,
      stamp: eventStamp(timeUs, { isUpdate: true, place: 0 }),
    });
  });

  test("sdk-log is counted and answered with silence", () => {
    const { successes, errors, logCount } = decode(event("sdk-log", { log: "queue full" }));
    expect({ successes, errors, logCount }).toEqual({ successes: [], errors: [], logCount: 1 });
  });
});

describe("what one batch says of one entity", () => {
  /** In the order in which the writes are applied. */
  function namesInOrder(...batch: JsonValue[]): unknown[] {
    const { traces, observations } = decode(...batch).events;
    return [...traces, ...observations].toSorted((a, b) => a.stamp - b.stamp).map(({ name }) => name);
  }

  const at = (timestamp: string, type: string, name: string) => ({
    id: name,
    type,
    timestamp,
    body: { id: "x", name },
  });

  test("is applied by time, whatever the order in the batch", () => {
    const batch = [
      at("2026-01-02T03:04:05.003Z", "trace-create", "third"),
      at("2026-01-02T03:04:05.001Z", "trace-create", "first"),
      at("2026-01-02T03:04:05.002Z", "trace-create", "second"),
    ];
    expect(namesInOrder(...batch)).toEqual(["first", "second", "third"]);
  });

  test("is applied with creates before updates of the same time, each in the order of the batch", () => {
    const batch = [
      at(timestamp, "span-update", "third"),
      at(timestamp, "span-create", "first"),
      at(timestamp, "span-update", "fourth"),
      at(timestamp, "span-create", "second"),
    ];
    expect(namesInOrder(...batch)).toEqual(["first", "second", "third", "fourth"]);
  });
});

describe("a key for scores only", () => {
  test("writes scores and is denied everything else, event by event", () => {
    const batch = [
      event("trace-create", { id: "t1" }, "denied"),
      event("span-create", { id: "o1" }, "denied too"),
      event("sdk-log", { log: 1 }, "log"),
      event("score-create", { traceId: "t1", name: "a", value: 1 }, "score"),
      event("nonsense", {}, "nonsense"),
    ];
    const { successes, errors, events } = decodeIngestion({ batch }, { scoresOnly: true });
    expect(successes.map(({ id }) => id)).toEqual(["score"]);
    expect(errors.map(({ id, status }) => [id, status])).toEqual([
      ["denied", 401],
      ["denied too", 401],
      ["nonsense", 400],
    ]);
    expect(errors[0]).toMatchObject({ message: "Authentication error", error: "Access Scope Denied" });
    expect([events.traces, events.observations]).toEqual([[], []]);
  });
});
