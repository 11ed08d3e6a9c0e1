import { gzipSync, deflateSync } from "node:zlib";
import type { CanonicalEvents } from "@xtrace/contract";
import { AppError, createLogger, type Identity } from "@xtrace/runtime";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import type { Accept, GatewayEnv } from "../protocol.ts";
import { NOW_US } from "./fixtures/decode-fixture.ts";
import { exportOf, jsonBytes, SPAN_ID, TRACE_ID } from "./fixtures/export-of.ts";
import { toProtobuf } from "./fixtures/to-protobuf.ts";
import { OTLP_PATHS } from "./otlp-paths.ts";
import { readerOf, readFields, readMessage, readString, readVarint } from "./protobuf-reader.ts";
import { otlpErrorResponse, otlpRoutes } from "./route.ts";

type Accepted = { projectId: string; events: CanonicalEvents; bodyBytes: number };

function setup(options: { accept?: Accept; scopes?: Identity["scopes"] } = {}) {
  const accepted: Accepted[] = [];
  const lines: string[] = [];
  const log = createLogger({ name: "test", level: "info", destination: { write: (line) => void lines.push(line) } });
  const accept: Accept = async (projectId, events, bodyBytes) => void accepted.push({ projectId, events, bodyBytes });
  const app = new Hono<GatewayEnv>();
  app.use(async (c, next) => {
    c.set("identity", { projectId: "p1", scopes: options.scopes ?? ["ingest"], keyId: "k1" });
    await next();
  });
  const limits = { maxBodyBytes: 4_000, maxInflatedBytes: 20_000 };
  app.route("/", otlpRoutes({ accept: options.accept ?? accept, limits, nowUs: () => NOW_US, log }));
  const post = (
    body: Uint8Array | string,
    contentType?: string,
    headers: Record<string, string> = {},
    path = "/v1/traces",
  ) =>
    app.request(path, {
      method: "POST",
      body: new Uint8Array(Buffer.from(body)),
      headers: { ...(contentType === undefined ? {} : { "Content-Type": contentType }), ...headers },
    });
  return { post, accepted, lines };
}

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";
const good = exportOf([{}]);
const partlyBad = exportOf([{}, { traceId: "ab" }]);

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

describe("an export that is taken", () => {
  test.each(OTLP_PATHS)("is enqueued and answered with nothing, as protobuf on %s", async (path) => {
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

  test.each(OTLP_PATHS)("is answered with {} in JSON on %s", async (path) => {
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
