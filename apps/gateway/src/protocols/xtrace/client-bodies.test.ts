import { readFileSync } from "node:fs";
import { CanonicalEvents } from "@xtrace/contract";
import { parseJson } from "@xtrace/runtime";
import { describe, expect, test } from "vitest";
import { decodeBatch } from "./decode-batch.ts";

/** Bodies with every field that the clients of the Rust system serialise. */
function decodeFixture(name: string) {
  const body = parseJson(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url)));
  return decodeBatch(body, { projectId: "p1", receivedAtUs: 1_767_400_000_000_000, idAt: String });
}

describe("real clients", () => {
  test("the Rust client writes null for what it does not have", () => {
    const { events, rejections } = decodeFixture("rust-client-batch");
    expect(rejections.count).toBe(0);
    expect(CanonicalEvents.safeParse(events).error).toBeUndefined();
    expect(events.traces[0]).toMatchObject({ sessionId: "sess-001", version: "v2.1", metadata: { turn_id: "turn-1" } });
    expect(events.traces[0]).not.toHaveProperty("userId");
    expect(events.observations[0]?.usageDetails).toEqual({ input: 150, output: 300, total: 450 });
  });

  test("the Python SDK mixes spellings", () => {
    const { events, rejections } = decodeFixture("python-sdk-batch");
    expect(rejections.count).toBe(0);
    expect(CanonicalEvents.safeParse(events).error).toBeUndefined();
    expect(events.traces[0]).toMatchObject({ sessionId: "s1", userId: "u1", tags: ["demo"] });
    expect(events.observations[0]).toMatchObject({
      usageDetails: { input: 12, output: 7, total: 19 },
      usageUnit: "TOKENS",
    });
  });
});
