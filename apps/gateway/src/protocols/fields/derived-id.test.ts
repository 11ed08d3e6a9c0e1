import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { idFromText, requestIds } from "./derived-id.ts";

const bytes = Buffer.from('{"trace":{}}');

describe("requestIds", () => {
  test("gives the same ids for the same request sent twice", () => {
    expect(requestIds("p1", bytes)(3)).toBe(requestIds("p1", Buffer.from(bytes))(3));
  });

  test("gives other ids for another project, another body and another position", () => {
    const ids = [
      requestIds("p1", bytes)(0),
      requestIds("p2", bytes)(0),
      requestIds("p1", Buffer.from("{}"))(0),
      requestIds("p1", bytes)(1),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("gives valid UUIDs that count up within a request", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 0, max: 1_000_000 }), (body, position) => {
        const idAt = requestIds("p1", body);
        expect(z.uuid().safeParse(idAt(position)).success).toBe(true);
        expect(idAt(position) < idAt(position + 1)).toBe(true);
      }),
    );
  });
});

describe("idFromText", () => {
  test("gives one valid UUID per text", () => {
    expect(z.uuid().safeParse(idFromText("a")).success).toBe(true);
    expect(idFromText("a")).toBe(idFromText("a"));
    expect(idFromText("a")).not.toBe(idFromText("b"));
  });
});
