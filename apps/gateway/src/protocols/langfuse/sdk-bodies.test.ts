import { readFileSync } from "node:fs";
import { CanonicalEvents } from "@xtrace/contract";
import { parseJson } from "@xtrace/runtime";
import { describe, expect, test } from "vitest";
import { decodeIngestion } from "./decode-ingestion.ts";

/** Bodies as the SDKs put them on the wire; shortened, otherwise untouched. */
function decodeFixture(name: string) {
  const body = parseJson(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url)));
  return decodeIngestion(body, { scoresOnly: false });
}

describe("a batch of the JavaScript SDK 3", () => {
  const { events, errors, successes } = decodeFixture("js-sdk-3-batch");

  test("is accepted whole", () => {
    expect(errors).toEqual([]);
    expect(successes).toHaveLength(10);
    expect(CanonicalEvents.safeParse(events).error).toBeUndefined();
  });

  test("keeps the update of a generation behind its creation though both have one timestamp", () => {
    const generation = events.observations.filter(({ type }) => type === "GENERATION");
    const created = generation.find(({ name }) => name === "gen");
    const updates = generation.filter(({ name }) => name === undefined);
    expect(updates).toHaveLength(2);
    for (const update of updates) expect(update.stamp).toBeGreaterThan((created?.stamp ?? 0) + 1);
  });

  test("has its OpenAI usage split into disjoint keys", () => {
    const ended = events.observations.find(({ output }) => output === "yo");
    expect(ended?.usageDetails).toEqual({
      input: 6,
      input_cached_tokens: 4,
      output: 3,
      output_reasoning_tokens: 2,
      total: 15,
    });
    expect(ended?.costDetails).toEqual({ input: 0.1, total: 0.3 });
  });

  test("has metadata that is a list kept under a key", () => {
    expect(events.observations.find(({ name }) => name === "retrieve")?.metadata).toEqual({ metadata: [1, 2] });
  });
});

describe("a batch of the Python SDK 2", () => {
  const { events, errors } = decodeFixture("python-sdk-2-batch");

  test("is accepted whole", () => {
    expect(errors).toEqual([]);
    expect(CanonicalEvents.safeParse(events).error).toBeUndefined();
  });

  test("has microseconds, and costs inside usage", () => {
    const created = events.observations.find(({ name }) => name === "gen");
    expect((created?.startTimeUs ?? 0) % 1000).toBeGreaterThan(0);
    expect(created).toMatchObject({
      usageDetails: { input: 1, output: 2 },
      usageUnit: "TOKENS",
      costDetails: { input: 0.1, total: 0.2 },
    });
  });
});

describe("scores of the JavaScript SDK 5", () => {
  test("are accepted whole", () => {
    const { events, errors } = decodeFixture("js-sdk-5-scores");
    expect(errors).toEqual([]);
    expect(events.scores.map(({ dataType, value, stringValue }) => [dataType, value ?? stringValue])).toEqual([
      ["NUMERIC", 0.5],
      ["TEXT", "fine"],
    ]);
  });
});
