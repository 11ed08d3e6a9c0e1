import type { JsonValue } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { decodeBatch } from "./decode-batch.ts";

function decode(body: JsonValue) {
  return decodeBatch(body, { projectId: "p1", receivedAtUs: 0, idAt: String });
}

describe("a project in the body", () => {
  test.each<[JsonValue]>([
    [{ projectId: "p1", trace: { id: "t1", projectId: "p1" } }],
    [{ trace: { id: "t1", projectId: "default" } }],
    [{ trace: { id: "t1", project_id: null } }],
  ])("that is the key's own, the default or null changes nothing: %j", (body) => {
    expect(decode(body).events.traces).toHaveLength(1);
  });

  test.each<[JsonValue, string]>([
    [{ projectId: "p2" }, "projectId"],
    [{ trace: { id: "t1", projectId: "p2" } }, "trace.projectId"],
    [{ trace: { id: "t1" }, observations: [{ id: "o1" }, { id: "o2", project_id: "p2" }] }, "observations.1.projectId"],
    [{ trace: { id: "t1", projectId: 5 } }, "trace.projectId"],
  ])("that is another's is forbidden: %j", (body, path) => {
    expect(() => decode(body)).toThrow(
      expect.objectContaining({ code: "FORBIDDEN", details: [{ path, message: "not the project of this key" }] }),
    );
  });
});
