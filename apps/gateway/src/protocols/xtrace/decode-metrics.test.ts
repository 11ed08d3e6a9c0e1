import { LIMITS, type JsonValue } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { decodeMetrics } from "./decode-metrics.ts";

const timestamp = "2026-01-02T03:04:05.678901234Z";
const timestampUs = 1_767_323_045_678_901;
const point = { name: "latency", value: 0.5, timestamp };

function decode(...metrics: JsonValue[]) {
  return decodeMetrics({ metrics }, (position) => `id-${position}`);
}

describe("a metrics batch", () => {
  test.each([null, [], "x", { metrics: {} }, { metrics: 5 }])("is refused when it is %j", (body) => {
    expect(() => decodeMetrics(body, String)).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
  });

  test.each([{}, { metrics: null }, { metrics: [] }])("may hold nothing: %j", (body) => {
    expect(decodeMetrics(body, String)).toMatchObject({ events: { metrics: [] }, rejections: { count: 0 } });
  });

  test("keeps each point under an id of its place, equal points too", () => {
    const { events } = decode(point, point);
    const stored = { name: "latency", labels: {}, value: 0.5, timestampUs, environment: "default" };
    expect(events.metrics).toStrictEqual([
      { id: "id-0", ...stored },
      { id: "id-1", ...stored },
    ]);
  });

  test("keeps the place of a point that follows a bad one", () => {
    expect(decode({}, point).events.metrics[0]?.id).toBe("id-1");
  });

  test("turns numbers and booleans in labels into text and drops null", () => {
    const labels = { model: "gpt-4", gpu: 0, hot: true, node: null };
    expect(decode({ ...point, labels }).events.metrics[0]?.labels).toEqual({ model: "gpt-4", gpu: "0", hot: "true" });
    expect(decode({ ...point, labels: null }).events.metrics[0]?.labels).toEqual({});
  });

  test("takes an environment and cuts long texts", () => {
    const sent = {
      ...point,
      name: "n".repeat(5000),
      labels: { ["k".repeat(5000)]: "v".repeat(5000) },
      environment: "prod",
    };
    const stored = decode(sent).events.metrics[0];
    expect(stored?.environment).toBe("prod");
    expect(stored?.name).toHaveLength(LIMITS.maxNameLength);
    expect(Object.entries(stored?.labels ?? {})[0]?.map((text) => text.length)).toEqual([512, 512]);
  });

  test.each<[Record<string, JsonValue>, string]>([
    [{ name: "" }, "metrics.0.name"],
    [{ name: null }, "metrics.0.name"],
    [{ value: null }, "metrics.0.value"],
    [{ value: "0.5" }, "metrics.0.value"],
    [{ timestamp: null }, "metrics.0.timestamp"],
    [{ timestamp: "2026-01-02T03:04:05" }, "metrics.0.timestamp"],
    [{ timestamp: "9999-01-01T00:00:00Z" }, "metrics.0.timestamp"],
    [{ labels: [] }, "metrics.0.labels"],
    [{ labels: { a: { b: 1 } } }, "metrics.0.labels.a"],
    [{ labels: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, "v"])) }, "metrics.0.labels"],
  ])("rejects a point with %j and keeps the others", (bad, path) => {
    const { events, rejections } = decode({ ...point, ...bad }, point);
    expect(events.metrics.map(({ id }) => id)).toEqual(["id-1"]);
    expect(rejections).toEqual({ count: 1, details: [{ path, message: expect.any(String) }] });
  });
});
