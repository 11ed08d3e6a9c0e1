import { AppError } from "@xtrace/runtime";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { readerOf, readFields, readMessage, readString } from "./protobuf-reader.ts";
import { otlpErrorResponse } from "./response.ts";

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";

describe("otlpErrorResponse, for whoever answers on these paths", () => {
  const failure = new AppError("UNAUTHORIZED", "Invalid credentials", {
    details: [{ path: "authorization", message: "unknown key" }],
  });
  const app = new Hono().post("/v1/traces", (c) => otlpErrorResponse(c, failure));
  const ask = (contentType: string) =>
    app.request("/v1/traces", { method: "POST", headers: { "Content-Type": contentType } });

  test("names the fields in JSON and tells how to authenticate", async () => {
    const response = await ask(JSON_TYPE);
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringContaining("Basic"),
    ]);
    expect(await response.json()).toEqual({
      code: 16,
      message: "Invalid credentials",
      details: [
        {
          "@type": "type.googleapis.com/google.rpc.BadRequest",
          fieldViolations: [{ field: "authorization", description: "unknown key" }],
        },
      ],
    });
  });

  test("names them in protobuf", async () => {
    const response = await ask(PROTOBUF);
    const text: string[] = [];
    const collect = (reader: Parameters<typeof readString>[0], tag: number): boolean => {
      if (tag === 26) readMessage(reader, null, collectAny);
      else return false;
      return true;
    };
    const collectAny = (reader: Parameters<typeof readString>[0], tag: number): boolean => {
      if (tag === 10) text.push(readString(reader));
      else
        readMessage(
          reader,
          null,
          (inner) => (readMessage(inner, null, (field) => (text.push(readString(field)), true)), true),
        );
      return true;
    };
    readFields(readerOf(new Uint8Array(await response.arrayBuffer())), null, collect);
    expect(text).toEqual(["type.googleapis.com/google.rpc.BadRequest", "authorization", "unknown key"]);
  });
});
