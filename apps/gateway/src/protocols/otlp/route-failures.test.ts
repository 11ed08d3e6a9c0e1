import { gzipSync } from "node:zlib";
import { AppError } from "@xtrace/runtime";
import { describe, expect, test } from "vitest";
import { exportOf, jsonBytes } from "./fixtures/export-of.ts";
import { JSON_TYPE, PROTOBUF, setup } from "./fixtures/otlp-app.ts";
import { toProtobuf } from "./fixtures/to-protobuf.ts";
import { readerOf, readFields, readString, readVarint } from "./protobuf-reader.ts";

const good = exportOf([{}]);

/** A google.rpc.Status, by this project's own reader. */
async function statusOf(response: Response) {
  const status = { code: 0, message: "", details: 0 };
  readFields(readerOf(new Uint8Array(await response.arrayBuffer())), status, (reader, tag, target) => {
    if (tag === 8) target.code = readVarint(reader);
    else if (tag === 18) target.message = readString(reader);
    else return false;
    return true;
  });
  return status;
}

describe("a failure is a google.rpc.Status in the request's encoding", () => {
  const unavailable = new AppError("SERVICE_UNAVAILABLE", "The queue is full", { retryAfterSeconds: 2 });

  test("of bytes that are no protobuf", async () => {
    const { post, accepted } = setup();
    const response = await post(Buffer.from([0xff]), PROTOBUF);
    expect([response.status, response.headers.get("content-type")]).toEqual([400, PROTOBUF]);
    expect(await statusOf(response)).toMatchObject({
      code: 3,
      message: "Body is not valid protobuf: it ends inside a field",
    });
    expect(accepted).toEqual([]);
  });

  test("of text that is no JSON", async () => {
    const response = await setup().post("{", JSON_TYPE);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ code: 3, message: "Body is not valid JSON" });
  });

  test("of logs", async () => {
    const response = await setup().post('{"resourceLogs":[{}]}', JSON_TYPE);
    expect([response.status, await response.json()]).toEqual([
      400,
      { code: 3, message: "Body holds resourceLogs: this address takes traces only" },
    ]);
  });

  test("of a body that is too large, before and after inflating", async () => {
    const { post } = setup();
    expect((await post("x".repeat(4_001), JSON_TYPE)).status).toBe(413);
    const bomb = await post(gzipSync(Buffer.alloc(1_000_000)), PROTOBUF, { "Content-Encoding": "gzip" });
    expect([bomb.status, (await statusOf(bomb)).code]).toEqual([413, 8]);
  });

  test("of a content type or an encoding that is none of ours, in JSON", async () => {
    for (const response of [
      await setup().post("x", "text/plain"),
      await setup().post("x", JSON_TYPE, { "Content-Encoding": "br" }),
    ]) {
      expect(response.status).toBe(415);
      expect(await response.json()).toMatchObject({ code: 3 });
    }
  });

  test("of broken compression", async () => {
    expect((await setup().post("not gzip", JSON_TYPE, { "Content-Encoding": "gzip" })).status).toBe(400);
  });

  test("of a queue that cannot take it, with the time to try again", async () => {
    const { post } = setup({ accept: () => Promise.reject(unavailable) });
    const response = await post(toProtobuf(good), PROTOBUF);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(await statusOf(response)).toMatchObject({ code: 14, message: "The queue is full" });
  });

  test("of a rate limit", async () => {
    const limited = new AppError("TOO_MANY_REQUESTS", "Slow down", { retryAfterSeconds: 7 });
    const response = await setup({ accept: () => Promise.reject(limited) }).post(jsonBytes(good), JSON_TYPE);
    expect([response.status, response.headers.get("retry-after"), await response.json()]).toEqual([
      429,
      "7",
      { code: 8, message: "Slow down" },
    ]);
  });

  test("of a bug, which says nothing and is logged", async () => {
    const { post, lines } = setup({ accept: () => Promise.reject(new Error("secret detail")) });
    const response = await post(jsonBytes(good), JSON_TYPE);
    expect([response.status, await response.json()]).toEqual([500, { code: 13, message: "Internal server error" }]);
    expect(lines.join()).toContain("secret detail");
  });

  test("of a key that may not write", async () => {
    const { post, accepted } = setup({ scopes: ["scores"] });
    const response = await post(jsonBytes(good), JSON_TYPE);
    expect([response.status, await response.json()]).toMatchObject([403, { code: 7 }]);
    expect(accepted).toEqual([]);
  });
});
