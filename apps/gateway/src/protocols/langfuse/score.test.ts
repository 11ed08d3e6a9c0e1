import type { JsonValue, ScoreEvent } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { decodeIngestion } from "./decode-ingestion.ts";

const timestamp = "2026-01-02T03:04:05.678Z";
const timeUs = 1_767_323_045_678_000;

function decodeScore(body: Record<string, JsonValue>) {
  const sent = { id: "s1", name: "quality", value: 1, traceId: "t1", ...body };
  return decodeIngestion({ batch: [{ id: "e1", type: "score-create", timestamp, body: sent }] }, { scoresOnly: false });
}

function scoreOf(body: Record<string, JsonValue>): ScoreEvent | undefined {
  return decodeScore(body).events.scores[0];
}

function errorOf(body: Record<string, JsonValue>): string | undefined {
  return decodeScore(body).errors[0]?.error;
}

describe("a score", () => {
  test("carries over every field", () => {
    const fields = {
      name: "quality",
      traceId: "t1",
      observationId: "o1",
      sessionId: "se1",
      datasetRunId: "d1",
      source: "ANNOTATION",
      comment: "good",
      metadata: { a: 1 },
      environment: "prod",
      configId: "c1",
      queueId: "q1",
    };
    expect(scoreOf({ ...fields, value: 0.9 })).toStrictEqual({
      ...fields,
      id: "s1",
      stamp: timeUs,
      timestampUs: timeUs,
      dataType: "NUMERIC",
      value: 0.9,
      stringValue: null,
    });
  });

  test("comes from the API unless it says otherwise, and null says nothing", () => {
    const nothing = {
      observationId: null,
      sessionId: null,
      datasetRunId: null,
      source: null,
      comment: null,
      metadata: null,
      environment: null,
      configId: null,
      queueId: null,
      dataType: null,
    };
    expect(scoreOf(nothing)).toStrictEqual({
      id: "s1",
      stamp: timeUs,
      timestampUs: timeUs,
      name: "quality",
      traceId: "t1",
      source: "API",
      dataType: "NUMERIC",
      value: 1,
      stringValue: null,
    });
  });

  test.each<[Record<string, JsonValue>, Partial<ScoreEvent>]>([
    [{ value: 0.5 }, { dataType: "NUMERIC", value: 0.5, stringValue: null }],
    [{ value: "nice" }, { dataType: "CATEGORICAL", value: null, stringValue: "nice" }],
    [{ value: true }, { dataType: "BOOLEAN", value: 1, stringValue: "True" }],
    [
      { value: 0, dataType: "BOOLEAN" },
      { dataType: "BOOLEAN", value: 0, stringValue: "False" },
    ],
    [
      { value: false, dataType: "BOOLEAN" },
      { dataType: "BOOLEAN", value: 0, stringValue: "False" },
    ],
    [
      { value: "fine", dataType: "TEXT" },
      { dataType: "TEXT", value: null, stringValue: "fine" },
    ],
    [
      { value: "use metres", dataType: "CORRECTION" },
      { dataType: "CORRECTION", value: null, stringValue: "use metres" },
    ],
  ])("%j is typed as %j", (sent, typed) => {
    expect(scoreOf(sent)).toMatchObject(typed);
  });

  test.each<[Record<string, JsonValue>, string]>([
    [{ value: "1", dataType: "NUMERIC" }, "body.value: must be a number for NUMERIC"],
    [{ value: true, dataType: "NUMERIC" }, "body.value: must be a number for NUMERIC"],
    [{ value: 2, dataType: "BOOLEAN" }, "body.value: must be 0 or 1 for BOOLEAN"],
    [{ value: "1", dataType: "BOOLEAN" }, "body.value: must be 0 or 1 for BOOLEAN"],
    [{ value: 1, dataType: "CATEGORICAL" }, "body.value: must be a text for CATEGORICAL"],
    [{ value: 1, dataType: "CORRECTION" }, "body.value: must be a text for CORRECTION"],
    [{ value: "", dataType: "TEXT" }, "body.value: must be a text of 1 to 500 characters for TEXT"],
    [{ value: "x".repeat(501), dataType: "TEXT" }, "body.value: must be a text of 1 to 500 characters for TEXT"],
    [{ value: null }, "body.value: "],
    [{ dataType: "VIBE" }, "body.dataType: "],
    [{ source: "GUESS" }, "body.source: "],
    [{ name: "" }, "body.name: "],
    [{ traceId: "x".repeat(801) }, "body.traceId: longer than 800 bytes"],
  ])("%j is refused, naming the field", (sent, error) => {
    expect(errorOf(sent)).toContain(error);
  });

  test("needs something to score", () => {
    expect(errorOf({ traceId: null })).toBe("body.traceId: traceId, sessionId or datasetRunId is required");
    expect(errorOf({ traceId: "", sessionId: "" })).toContain("body.traceId");
    expect(scoreOf({ traceId: null, sessionId: "se1" })).toMatchObject({ sessionId: "se1" });
    expect(scoreOf({ traceId: null, datasetRunId: "d1" })).toMatchObject({ datasetRunId: "d1" });
  });

  test("names the trace of the observation that it scores", () => {
    expect(errorOf({ traceId: null, sessionId: "se1", observationId: "o1" })).toBe(
      "body.observationId: needs the traceId too",
    );
  });
});
