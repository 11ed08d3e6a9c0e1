import { rankOf, timeOfStamp } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { NOW_US } from "../fixtures/decode-fixture.ts";
import { jsonBytes, SPAN_ID, START_US, TRACE_ID, type Values } from "../fixtures/export-of.ts";
import { logsOf, logsToProtobuf, type RecordGiven } from "../fixtures/logs-of.ts";
import { decodeLogs } from "./decode-logs.ts";

/** In both encodings, which must come to the same. */
function decode(records: readonly RecordGiven[], resource?: Values) {
  const body = logsOf(records, resource);
  const fromJson = decodeLogs(jsonBytes(body), "json", { nowUs: NOW_US });
  expect(decodeLogs(logsToProtobuf(body), "protobuf", { nowUs: NOW_US })).toEqual(fromJson);
  return fromJson;
}

const DETAILS = "gen_ai.client.inference.operation.details";
const EVALUATION = "gen_ai.evaluation.result";

describe("the messages of a call", () => {
  const call: RecordGiven[] = [
    {
      eventName: "gen_ai.choice",
      timeUs: START_US + 9,
      body: { index: 0, finish_reason: "stop", message: { content: "Hello" } },
    },
    { eventName: "gen_ai.system.message", body: { content: "Be kind" }, attributes: { "gen_ai.system": "openai" } },
    { eventName: "gen_ai.user.message", timeUs: START_US + 1, body: { content: "Hi" } },
  ];
  const input = [
    { role: "system", content: "Be kind" },
    { role: "user", content: "Hi" },
  ];
  const output = { role: "assistant", content: "Hello" };

  test("are one write of the weakest rank to their span, in the order of their times", () => {
    const { events, rejected, reason } = decode(call);
    expect({ rejected, reason }).toEqual({ rejected: 0, reason: undefined });
    expect(events.observations).toHaveLength(1);
    const [observation] = events.observations;
    expect(observation).toMatchObject({ id: SPAN_ID, traceId: TRACE_ID, type: "GENERATION", input, output });
    expect(rankOf(observation?.stamp ?? 0)).toBe("inferred");
    expect(timeOfStamp(observation?.stamp ?? 0)).toBe(START_US);
    expect(observation).not.toHaveProperty("startTimeUs");
    expect(observation).not.toHaveProperty("endTimeUs");
    expect(observation).not.toHaveProperty("parentObservationId");
  });

  test("never name or fill the trace, as a root span would", () => {
    const [trace] = decode(call).events.traces;
    expect(trace).toMatchObject({ id: TRACE_ID, timestampUs: START_US });
    expect(trace).not.toHaveProperty("name");
    expect(trace).not.toHaveProperty("input");
  });

  test("say what they know of user and session", () => {
    const { events } = decode([
      { eventName: "gen_ai.user.message", body: { content: "Hi" }, attributes: { "session.id": "s" } },
    ]);
    expect(events.traces).toContainEqual(expect.objectContaining({ sessionId: "s" }));
  });

  test("keep in metadata what the next request may write over", () => {
    const kept = (records: RecordGiven[]) => decode(records).events.observations[0]?.metadata?.["logEvents"] as object;
    const [first, second] = [kept(call.slice(1)), kept(call.slice(0, 1))];
    expect(Object.keys(first)).not.toEqual(Object.keys(second));
    expect(Object.values(first)).toEqual([
      [
        { name: "gen_ai.system.message", time: expect.any(String), content: "Be kind" },
        { name: "gen_ai.user.message", time: expect.any(String), content: "Hi" },
      ],
    ]);
    expect(kept(call.slice(1))).toEqual(first);
  });

  test("may be named by an attribute and stand in attributes, as older senders have it", () => {
    const attributes = { "event.name": "gen_ai.user.message", "gen_ai.system": "openai", content: "Hi" };
    const [observation] = decode([{ attributes }]).events.observations;
    expect(observation?.input).toEqual([{ role: "user", content: "Hi" }]);
    expect(observation?.metadata?.["attributes"]).toEqual({ "gen_ai.system": "openai" });
  });

  test("of several spans are told apart", () => {
    const other = "00000000000000ff";
    const { events } = decode([...call, { eventName: "gen_ai.user.message", spanId: other, body: "plain" }]);
    expect(events.observations.map(({ id, input: said }) => [id, said])).toEqual([
      [SPAN_ID, input],
      [other, [{ role: "user", content: "plain" }]],
    ]);
  });

  test("take the time at which they were observed, or else now", () => {
    const at = (given: RecordGiven) =>
      timeOfStamp(decode([{ ...call[1], ...given }]).events.observations[0]?.stamp ?? 0);
    expect(at({ timeUs: 0, observedUs: START_US + 5 })).toBe(START_US + 5);
    expect(at({ timeUs: 0 })).toBe(NOW_US);
  });
});

test("the details of a call are read like the attributes of its span", () => {
  const attributes = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 5,
    "gen_ai.usage.output_tokens": 3,
    "gen_ai.input.messages": [{ role: "user", parts: [{ type: "text", content: "Hi" }] }],
    "gen_ai.output.messages": [{ role: "assistant", parts: [{ type: "text", content: "Hello" }] }],
    "gen_ai.system_instructions": [{ type: "text", content: "Be kind" }],
    "gen_ai.response.time_to_first_chunk": 0.5,
    "gen_ai.provider.name": "openai",
  };
  const { events } = decode([{ eventName: DETAILS, attributes }], { "deployment.environment.name": "prod" });
  const [observation] = events.observations;
  expect(observation).toMatchObject({
    type: "GENERATION",
    model: "gpt-4o",
    environment: "prod",
    usageDetails: { input: 5, output: 3 },
    input: [
      { role: "system", content: "Be kind" },
      { role: "user", content: "Hi" },
    ],
    output: { role: "assistant", content: "Hello" },
  });
  expect(rankOf(observation?.stamp ?? 0)).toBe("inferred");
  // It is counted from the span's start, which the event does not know.
  expect(observation).not.toHaveProperty("completionStartTimeUs");
  expect(observation?.metadata).not.toHaveProperty("logEvents");
});

describe("an evaluation is a score", () => {
  const evaluation = (attributes: Values, given: RecordGiven = {}) =>
    decode([{ eventName: EVALUATION, attributes: { "gen_ai.evaluation.name": "Relevance", ...attributes }, ...given }]);

  test("with a number, and the label beside it", () => {
    const attributes = {
      "gen_ai.evaluation.score.value": 0.5,
      "gen_ai.evaluation.score.label": "fair",
      "gen_ai.evaluation.explanation": "Half of it",
      "gen_ai.response.id": "r1",
    };
    const { events } = evaluation(attributes);
    expect(events.scores).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        stamp: START_US,
        timestampUs: START_US,
        name: "Relevance",
        dataType: "NUMERIC",
        value: 0.5,
        stringValue: null,
        traceId: TRACE_ID,
        observationId: SPAN_ID,
        source: "EVAL",
        comment: "Half of it",
        metadata: { attributes: { "gen_ai.response.id": "r1" }, label: "fair" },
      },
    ]);
    expect(evaluation(attributes).events.scores[0]?.id).toBe(events.scores[0]?.id);
  });

  test("with a label alone, of a whole trace", () => {
    const [score] = evaluation({ "gen_ai.evaluation.score.label": "pass" }, { spanId: "" }).events.scores;
    expect(score).toMatchObject({ dataType: "CATEGORICAL", value: null, stringValue: "pass", traceId: TRACE_ID });
    expect(score).not.toHaveProperty("observationId");
  });

  test.each([
    [{}, "neither gen_ai.evaluation.score.value nor gen_ai.evaluation.score.label is there"],
    [{ "gen_ai.evaluation.name": "", "gen_ai.evaluation.score.value": 1 }, "gen_ai.evaluation.name is missing"],
  ])("but %j is none", (attributes, problem) => {
    expect(evaluation(attributes)).toMatchObject({ rejected: 1, reason: `${EVALUATION}.attributes: ${problem}` });
  });
});

describe("what is not stored is told of", () => {
  test("any other log record", () => {
    const { events, ...rest } = decode([{ body: "user logged in" }, { eventName: "exception" }]);
    expect(rest).toEqual({
      rejected: 0,
      unsupported: 2,
      reason: "2 log records were not stored: of logs, only the GenAI events of spans are kept",
    });
    expect(events).toEqual({ traces: [], observations: [], scores: [], metrics: [] });
  });

  test.each([
    ["traceId", { traceId: "" }, "a GenAI event needs one, of 16 bytes"],
    ["traceId", { traceId: "00".repeat(16) }, "a GenAI event needs one, of 16 bytes"],
    ["spanId", { spanId: "" }, "this event needs one, of 8 bytes"],
    ["spanId", { spanId: "abcd" }, "this event needs one, of 8 bytes"],
  ])("an event without a good %s", (field, given, problem) => {
    expect(decode([{ eventName: "gen_ai.user.message", body: { content: "Hi" }, ...given }])).toMatchObject({
      rejected: 1,
      reason: `resourceLogs.0.scopeLogs.0.logRecords.0.${field}: ${problem}`,
    });
  });

  test("and the good ones among them are kept", () => {
    const { events, rejected, unsupported, reason } = decode([
      { eventName: "gen_ai.user.message", body: { content: "Hi" }, spanId: "" },
      { body: "text" },
      { eventName: "gen_ai.user.message", body: { content: "Hi" } },
    ]);
    expect([events.observations.length, rejected, unsupported]).toEqual([1, 1, 1]);
    expect(reason).toMatch(/spanId: .*; 1 log records were not stored/);
  });
});
