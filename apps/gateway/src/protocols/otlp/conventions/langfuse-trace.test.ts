import { stampOf } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { decodeSpan } from "../fixtures/decode-fixture.ts";
import { START_US, TRACE_ID, type Values } from "../fixtures/export-of.ts";

/** What the trace is told explicitly. */
function traceFields(attributes: Values, around?: Parameters<typeof decodeSpan>[1]) {
  const explicit = decodeSpan({ attributes }, around).traces.filter(({ stamp }) => stamp === stampOf(START_US));
  const { id, stamp, ...fields } = explicit[0] ?? { id: TRACE_ID, stamp: 0 };
  expect([id, explicit.length <= 1]).toEqual([TRACE_ID, true]);
  return stamp === 0 ? {} : fields;
}

describe("fields of a trace", () => {
  test("are taken in the order of precedence", () => {
    const metadata = "langfuse.trace.metadata";
    expect(
      traceFields({ "langfuse.user.id": "a", "user.id": "b", "langfuse.session.id": "c", "session.id": "d" }),
    ).toEqual({
      userId: "a",
      sessionId: "c",
    });
    expect(
      traceFields({ [`${metadata}.langfuse_user_id`]: "u", [`${metadata}.langfuse_session_id`]: "s" }),
    ).toMatchObject({
      userId: "u",
      sessionId: "s",
    });
    expect(traceFields({ "user.id": "", "session.id": 42 })).toEqual({ sessionId: "42" });
  });

  test("release, version and environment may stand on the resource", () => {
    const resource = { "langfuse.release": "r", "langfuse.version": "v", "langfuse.environment": "Staging" };
    expect(traceFields({}, { resource })).toEqual({ release: "r", version: "v", environment: "staging" });
    expect(traceFields({ "langfuse.release": "mine" }, { resource }).release).toBe("mine");
  });

  test.each([
    ["Prod-EU_1", "prod-eu_1"],
    ["langfuse-langfuse_dev", "dev"],
    ["langfuse", "default"],
    ["with space", "default"],
    ["x".repeat(50), "x".repeat(40)],
  ])("environment %s is %s", (sent, environment) => {
    expect(traceFields({ "langfuse.environment": sent }).environment).toBe(environment);
  });

  test.each<[Values[string], string[] | undefined]>([
    [
      ["b", "a", "a", " "],
      ["a", "b"],
    ],
    ['["x","y"]', ["x", "y"]],
    ["one, two ,", ["one", "two"]],
    ["single", ["single"]],
    [7, ["7"]],
    ["", undefined],
    [["t".repeat(300)], ["t".repeat(200)]],
    [{ a: 1 }, undefined],
  ])("tags %j", (sent, tags) => {
    const { traces } = decodeSpan({ attributes: { "langfuse.trace.tags": sent } });
    expect(traces.find((trace) => trace.tags)?.tags).toEqual(tags);
  });

  test.each<[Values[string], boolean | undefined]>([
    [true, true],
    ["True", true],
    ["false", false],
    ["perhaps", undefined],
    [[true], undefined],
  ])("public %j", (sent, expected) => expect(traceFields({ "langfuse.public": sent }).public).toBe(expected));

  test("metadata comes from an object and from single keys, the keys winning", () => {
    const fields = traceFields({
      "langfuse.metadata.a": "old",
      "langfuse.metadata.only": "here",
      "langfuse.trace.metadata": '{"a":"object","b":1}',
      "langfuse.trace.metadata.b": "2",
    });
    expect(fields.metadata).toEqual({ a: "object", b: 2, only: "here" });
  });
});

describe("the span's place in its trace", () => {
  const named = (traces: ReturnType<typeof decodeSpan>["traces"]) => traces.find(({ name }) => name !== undefined);
  const io = { "langfuse.observation.input": "in", "langfuse.observation.output": "out" };

  test("a root names the trace and gives it input and output", () => {
    expect(named(decodeSpan({ attributes: io }).traces)).toEqual({
      id: TRACE_ID,
      stamp: stampOf(START_US, "derived"),
      timestampUs: START_US,
      name: "work",
      input: "in",
      output: "out",
    });
  });

  test("a span with a parent does not", () => {
    expect(decodeSpan({ parentSpanId: "b".repeat(16), attributes: io }).traces).toEqual([
      { id: TRACE_ID, stamp: stampOf(START_US, "derived"), timestampUs: START_US },
    ]);
  });

  test("unless it is marked as a root, or stands in for one", () => {
    const stampWith = (marker: Values) => {
      return named(decodeSpan({ parentSpanId: "b".repeat(16), attributes: { ...io, ...marker } }).traces)?.stamp;
    };
    expect(stampWith({ "langfuse.internal.as_root": "true" })).toBe(stampOf(START_US, "derived"));
    expect(stampWith({ "langfuse.internal.is_app_root": true })).toBe(stampOf(START_US, "inferred"));
    expect(stampWith({ "langfuse.internal.is_app_root": false })).toBeUndefined();
  });

  test("a version is the trace's where a root says it, or who says anything else of the trace; else it stands in", () => {
    const versionOf = (given: Parameters<typeof decodeSpan>[0]) => {
      const { version, stamp } = decodeSpan(given).traces.find((trace) => trace.version !== undefined) ?? {};
      return [version, stamp];
    };
    const attributes = { "langfuse.version": "1" };
    const parentSpanId = "b".repeat(16);
    expect(versionOf({ attributes })).toEqual(["1", stampOf(START_US)]);
    expect(versionOf({ parentSpanId, attributes })).toEqual(["1", stampOf(START_US, "inferred")]);
    expect(versionOf({ parentSpanId, attributes: { ...attributes, "user.id": "u" } })).toEqual([
      "1",
      stampOf(START_US),
    ]);
  });

  test("what a root notes of itself is its trace's too, unless the trace was told otherwise", () => {
    const attributes = {
      "langfuse.observation.metadata.experiment_name": "capitals",
      "langfuse.observation.metadata.step": "1",
      "langfuse.trace.metadata.step": "2",
    };
    expect(decodeSpan({ attributes }).traces).toEqual([
      expect.objectContaining({
        stamp: stampOf(START_US, "derived"),
        metadata: { experiment_name: "capitals" },
      }),
      { id: TRACE_ID, stamp: stampOf(START_US), metadata: { step: 2 } },
    ]);
    expect(decodeSpan({ parentSpanId: "b".repeat(16), attributes }).traces).toEqual([
      { id: TRACE_ID, stamp: stampOf(START_US, "derived"), timestampUs: START_US },
      { id: TRACE_ID, stamp: stampOf(START_US), metadata: { step: 2 } },
    ]);
  });

  test("the mark of an application's root stays with it where it has a parent", () => {
    const keptOf = (parentSpanId: string, marker: boolean) =>
      decodeSpan({ parentSpanId, attributes: { "langfuse.internal.is_app_root": marker } }).observation?.metadata?.[
        "attributes"
      ];
    expect(keptOf("b".repeat(16), true)).toEqual({ "langfuse.internal.is_app_root": true });
    expect(keptOf("b".repeat(16), false)).toBeUndefined();
    expect(keptOf("", true)).toBeUndefined();
  });
});
