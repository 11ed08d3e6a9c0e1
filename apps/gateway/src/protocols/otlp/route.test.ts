import { gzipSync, deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { exportOf, jsonBytes, SPAN_ID, TRACE_ID } from "./fixtures/export-of.ts";
import { JSON_TYPE, PROTOBUF, setup } from "./fixtures/otlp-app.ts";
import { bytes, toProtobuf } from "./fixtures/to-protobuf.ts";
import { pathsOf } from "./otlp-paths.ts";
import { readerOf, readFields, readMessage, readString, readVarint } from "./protobuf-reader.ts";
import { TRACES } from "./signal.ts";

const good = exportOf([{}]);
const partlyBad = exportOf([{}, { traceId: "ab" }]);

describe("an export that is taken", () => {
  test.each(pathsOf(TRACES))("is enqueued and answered with nothing, as protobuf on %s", async (path) => {
    const { post, accepted } = setup();
    const body = toProtobuf(good);
    const response = await post(body, PROTOBUF, {}, path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(PROTOBUF);
    expect((await response.arrayBuffer()).byteLength).toBe(0);
    expect(accepted).toMatchObject([
      {
        projectId: "p1",
        bodyBytes: body.length,
        events: { observations: [{ id: SPAN_ID }], traces: [{ id: TRACE_ID }] },
      },
    ]);
  });

  test.each(pathsOf(TRACES))("is answered with {} in JSON on %s", async (path) => {
    const { post, accepted } = setup();
    const response = await post(jsonBytes(good), "Application/JSON; charset=utf-8", {}, path);
    expect([response.status, await response.text()]).toEqual([200, "{}"]);
    expect(response.headers.get("content-type")).toBe(JSON_TYPE);
    expect(accepted).toHaveLength(1);
  });

  test("may lack a content type, which is JSON then, or have protobuf's other one", async () => {
    const { post, accepted } = setup();
    expect(await (await post(jsonBytes(good))).text()).toBe("{}");
    expect((await post(toProtobuf(good), "application/protobuf")).headers.get("content-type")).toBe(
      "application/protobuf",
    );
    expect(accepted).toHaveLength(2);
  });

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
  ])("may be compressed with %s", async (encoding, compress) => {
    const { post, accepted } = setup();
    expect((await post(compress(toProtobuf(good)), PROTOBUF, { "Content-Encoding": encoding })).status).toBe(200);
    expect(accepted[0]?.bodyBytes).toBe(toProtobuf(good).length);
  });

  test("is answered only after the queue has it", async () => {
    let release = () => {};
    const { post } = setup({ accept: () => new Promise((resolve) => (release = resolve)) });
    let isAnswered = false;
    const answer = Promise.resolve(post(jsonBytes(good))).then((response) => ((isAnswered = true), response));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isAnswered).toBe(false);
    release();
    expect((await answer).status).toBe(200);
  });

  test.each([
    ["no bytes of protobuf", "", PROTOBUF, ""],
    ["no bytes of JSON", "", JSON_TYPE, "{}"],
    ["an empty object", "{}", JSON_TYPE, "{}"],
    ["an empty list", '{"resourceSpans":[]}', JSON_TYPE, "{}"],
  ])("may be %s, of which nothing is enqueued", async (_, body, contentType, answer) => {
    const { post, accepted } = setup();
    const response = await post(body, contentType);
    expect([response.status, await response.text()]).toEqual([200, answer]);
    expect(accepted).toEqual([]);
  });
});

describe("an export of which spans are rejected", () => {
  const reason = "resourceSpans.0.scopeSpans.0.spans.1.traceId: expected 16 bytes, not all zero";

  test("is a partial success in JSON, and the good spans are enqueued", async () => {
    const { post, accepted, lines } = setup();
    const response = await post(jsonBytes(partlyBad), JSON_TYPE);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ partialSuccess: { rejectedSpans: "1", errorMessage: reason } });
    expect(accepted[0]?.events.observations).toHaveLength(1);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { msg: "otlp export", projectId: "p1", keyId: "k1", accepted: 1, rejected: 1, reason },
    ]);
  });

  test("is a partial success in protobuf", async () => {
    const response = await setup().post(toProtobuf(partlyBad), PROTOBUF);
    expect(response.headers.get("content-type")).toBe(PROTOBUF);
    const partial = { rejected: 0, message: "" };
    readFields(readerOf(new Uint8Array(await response.arrayBuffer())), partial, (reader, tag, target) => {
      if (tag !== 10) return false;
      readMessage(reader, target, (inner, found, into) => {
        if (found === 8) into.rejected = readVarint(inner);
        else if (found === 18) into.message = readString(inner);
        else return false;
        return true;
      });
      return true;
    });
    expect(partial).toEqual({ rejected: 1, message: reason });
  });

  test("is one whatever their number", async () => {
    const { post } = setup();
    const spans = Array.from({ length: 300 }, () => ({}));
    const response = await post(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }), JSON_TYPE);
    expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: "300" } });
    // 300 empty spans in protobuf; the answer's count takes two bytes.
    const empty = Buffer.alloc(600, Buffer.from([18, 0]));
    const body = bytes(1, bytes(2, empty));
    expect([...Buffer.from(await (await post(body, PROTOBUF)).arrayBuffer()).subarray(2, 5)]).toEqual([8, 0xac, 2]);
  });

  test("is one also when all are, and nothing is enqueued", async () => {
    const { post, accepted } = setup();
    const response = await post(jsonBytes(exportOf([{ spanId: "" }])), JSON_TYPE);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: "1" } });
    expect(accepted).toEqual([]);
  });

  test("warns without a count when no span was lost", async () => {
    const [resourceSpans] = good.resourceSpans;
    const body = { resourceSpans: [{ ...resourceSpans, resource: { attributes: {} } }] };
    const response = await setup().post(jsonBytes(body), JSON_TYPE);
    expect(await response.json()).toEqual({
      partialSuccess: { errorMessage: "resourceSpans.0.resource.attributes: expected a list; it was left out" },
    });
  });
});
