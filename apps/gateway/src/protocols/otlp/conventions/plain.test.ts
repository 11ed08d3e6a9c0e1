import { expect, test } from "vitest";
import { decodeSpan } from "../fixtures/decode-fixture.ts";

test("plain names are taken at their word", () => {
  const attributes = { input: '{"q":1}', output: "done", model: "m", model_config: '{"temperature":1}' };
  const { observation } = decodeSpan({ attributes });
  expect(observation).toMatchObject({
    type: "GENERATION",
    input: { q: 1 },
    output: "done",
    model: "m",
    modelParameters: { temperature: 1 },
  });
});

test("conventions come first", () => {
  const attributes = { input: "plain", "input.value": "said", output: "plain", "gen_ai.completion": "said" };
  expect(decodeSpan({ attributes }).observation).toMatchObject({ input: "said", output: "said" });
});
