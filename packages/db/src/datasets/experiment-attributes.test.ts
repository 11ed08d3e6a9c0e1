import { expect, test } from "vitest";
import { experimentAttributesOf } from "./experiment-attributes.ts";

function said(attributes: Record<string, string | number>) {
  const entries = Object.entries(attributes).map(([name, value]) => [`langfuse.experiment.${name}`, value]);
  return experimentAttributesOf({ attributes: Object.fromEntries(entries) });
}

test("reads what was written as JSON text, and any other text as it is", () => {
  const { text, json } = said({ name: "007", sum: '{"of":[1,2]}', prose: "Paris, or {", count: "12", share: 0.5 });
  expect(text("name")).toBe("007");
  expect(["sum", "prose", "count", "share", "absent"].map(json)).toEqual([
    { of: [1, 2] },
    "Paris, or {",
    12,
    0.5,
    null,
  ]);
});

test("takes numbers that are names for names", () => {
  const { json } = said({ long: "12345678901234567890", version: "1.10", huge: "1e999" });
  expect(["long", "version", "huge"].map(json)).toEqual(["12345678901234567890", "1.10", "1e999"]);
});

test("gathers an object from an attribute a key, also under hostile names", () => {
  const metadata = said({ "metadata.prompt.label": "best", "metadata.__proto__": '{"polluted":1}' }).object("metadata");
  expect(JSON.stringify(metadata)).toBe('{"prompt.label":"best","__proto__":{"polluted":1}}');
  expect("polluted" in {}).toBe(false);
});

test("nothing is said without attributes", () => {
  for (const metadata of [null, {}, { attributes: "mine" }]) {
    const { text, json, object } = experimentAttributesOf(metadata);
    expect([text("name"), json("item.expected_output"), object("metadata")]).toEqual([null, null, null]);
  }
});
