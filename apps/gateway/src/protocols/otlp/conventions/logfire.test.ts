import { describe, expect, test } from "vitest";
import { decodeFixture, decodeSpan } from "../fixtures/decode-fixture.ts";

/** What logfire 5.4.0 exported, with an agent of pydantic-ai 2.68.0 inside and what is pending announced. */
describe("Logfire", () => {
  const { observations, traces } = decodeFixture("logfire.json").events;
  const [answering] = observations;

  test("names its spans by their messages, and its logs are events", () => {
    expect(observations.map(({ type, name }) => [type, name])).toEqual([
      ["SPAN", "Answering ada"],
      ["EVENT", "slow 3 ms"],
      ["SPAN", "charge"],
      ["AGENT", "forecast run"],
      ["GENERATION", "chat test"],
    ]);
  });

  test("has levels", () => {
    expect(observations[1]).toMatchObject({ level: "WARNING" });
    expect(observations[2]).toMatchObject({ level: "ERROR", statusMessage: "TypeError: card declined" });
    expect(answering).not.toHaveProperty("level");
  });

  test("is not given its pending spans, which would be children of themselves", () => {
    expect(observations.filter(({ parentObservationId }) => parentObservationId === answering?.id)).toHaveLength(3);
  });

  test("tags the trace", () => {
    expect(Object.assign({}, ...traces)).toMatchObject({
      name: "Answering ada",
      tags: ["beta", "eu"],
      environment: "prod",
    });
  });

  test("keeps what it was asked to write down, and not how to show it", () => {
    expect(answering?.metadata?.["attributes"]).toEqual({
      who: "ada",
      "logfire.msg_template": "Answering {who}",
      "logfire.level_num": 10,
    });
  });
});

test.each([
  [1, "DEBUG"],
  [8, "DEBUG"],
  [9, undefined],
  [12, undefined],
  [13, "WARNING"],
  [17, "ERROR"],
  [21, "ERROR"],
])("severity %d is %s", (severity, level) => {
  expect(decodeSpan({ attributes: { "logfire.level_num": severity } }).observation.level).toBe(level);
});

test("a plain severity does not hide that the span failed", () => {
  const span = { attributes: { "logfire.level_num": 9 }, status: { code: 2 } };
  expect(decodeSpan(span).observation.level).toBe("ERROR");
});
