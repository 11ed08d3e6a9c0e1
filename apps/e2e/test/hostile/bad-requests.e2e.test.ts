import * as zlib from "node:zlib";
import { gzipSync } from "node:zlib";
import { eventually } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { basicAuth } from "../../src/test-system.ts";
import { apiOf, send } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";
import { BROKEN_EXPORTS, exportOf, HOSTILE_EXPORTS, span } from "../support/protobuf-span.ts";
import { postRaw } from "../support/raw-http.ts";

const JSON_PATHS = [
  "/v1/l/batch",
  "/v1/metrics/batch",
  "/api/public/ingestion",
  "/v1/traces",
  "/v1/logs",
  "/v1/metrics",
] as const;
/** Node.js reads zstd since 22.15. */
const UNREADABLE = ["br", "snappy", "gzip, gzip", ...("zstdDecompress" in zlib ? [] : ["zstd"])];
const PROTOBUF = { "Content-Type": "application/x-protobuf" };
const MEBIBYTE = 1024 * 1024;

type Shape = (typeof JSON_PATHS)[number];

const OTLP: readonly Shape[] = ["/v1/traces", "/v1/logs", "/v1/metrics"];

const EMPTY: Record<Shape, string> = {
  "/v1/l/batch": '{"observations":[]}',
  "/v1/metrics/batch": '{"metrics":[]}',
  "/api/public/ingestion": '{"batch":[]}',
  "/v1/traces": '{"resourceSpans":[]}',
  "/v1/logs": '{"resourceLogs":[]}',
  "/v1/metrics": '{"resourceMetrics":[]}',
};
const NOTHING: Record<Shape, string> = {
  "/v1/l/batch": "{}",
  "/v1/metrics/batch": "{}",
  "/api/public/ingestion": '{"batch":[]}',
  "/v1/traces": "{}",
  "/v1/logs": "{}",
  "/v1/metrics": "{}",
};

describeEachSystem("hostile requests", ({ system }) => {
  const api = () => apiOf(system(), system().projectA);
  let neighbours = 0;

  /** Somebody else's request, under way at the same time. */
  async function besideANeighbour<T>(action: () => Promise<T>): Promise<T> {
    const id = `neighbour-${neighbours++}`;
    const body = { observations: [{ id, traceId: "neighbours" }] };
    const [result, good] = await Promise.all([action(), api().post("/v1/l/batch", body)]);
    expect(good.status).toBe(200);
    return result;
  }

  describe.each(JSON_PATHS)("%s", (path) => {
    const auth = () => ({ Authorization: basicAuth(system().projectA) });
    const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
      besideANeighbour(() => api().post(path, body, headers));
    /** The status, or what is wrong with the way in which it was refused. */
    const refusalOf = async (body: string | Uint8Array, headers?: Record<string, string>) => {
      const answer = await post(body, headers);
      const isClear = /\w+/.test(answer.body?.message) && !/node_modules|at \w+ \(|\.ts:\d/.test(answer.text);
      return isClear ? answer.status : `${answer.status} ${answer.text}`;
    };

    test("no JSON, or JSON of the wrong shape", async () => {
      for (const body of ["{", '{"trace":{"id":"x"', "NaN", "'{}'", "\u0000", "[[["])
        expect.soft(await refusalOf(body)).toBe(400);
      for (const body of ["5", '"x"', "true", "[]", "[{}]"]) expect.soft(await refusalOf(body)).toBe(400);
      expect.soft(await refusalOf(`${"[".repeat(10_000)}${"]".repeat(10_000)}`)).toBe(400);
      expect.soft(await refusalOf(Buffer.from([0xff, 0xfe, 0x00]))).toBe(400);
    });

    test("nothing in it is a success", async () => {
      for (const body of [EMPTY[path], NOTHING[path]]) expect([200, 207]).toContain((await post(body)).status);
      // To OTLP no bytes at all are an export without spans.
      expect((await post("")).status).toBe(OTLP.includes(path) ? 200 : 400);
    });

    test("no key, a wrong key, half a key", async () => {
      const { publicKey, secretKey } = system().projectA;
      const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
      const wrong = [
        undefined,
        "",
        "Basic",
        "Basic %%%",
        "Bearer ",
        "Bearer nonsense",
        basic(`${publicKey}:nonsense`),
        basic(`nobody:${secretKey}`),
        basic(publicKey),
        basic(`${publicKey}:`),
        basic(`:${secretKey}`),
        basic("__proto__:constructor"),
        "Digest x",
      ];
      for (const authorization of wrong) {
        const headers = {
          "Content-Type": "application/json",
          ...(authorization !== undefined && { Authorization: authorization }),
        };
        const answer = await send(`${system().baseUrl}${path}`, { method: "POST", headers, body: EMPTY[path] });
        expect.soft(answer.status, String(authorization)).toBe(401);
        expect.soft(answer.headers.get("www-authenticate"), String(authorization)).toBeTruthy();
        expect.soft(answer.text).not.toContain(secretKey);
      }
    });

    test("types and encodings that nobody reads here", async () => {
      for (const type of ["text/plain", "application/xml", "multipart/form-data; boundary=x"]) {
        expect.soft(await refusalOf(EMPTY[path], { "Content-Type": type })).toBe(415);
      }
      for (const encoding of UNREADABLE) {
        expect.soft(await refusalOf(EMPTY[path], { "Content-Encoding": encoding })).toBe(415);
      }
      expect.soft(await refusalOf("not gzip", { "Content-Encoding": "gzip" })).toBe(400);
      expect.soft(await refusalOf(gzipSync(EMPTY[path]).subarray(0, 15), { "Content-Encoding": "gzip" })).toBe(400);
      expect([200, 207]).toContain((await post(gzipSync(EMPTY[path]), { "Content-Encoding": "gzip" })).status);
    });

    test("a body of 25 MiB, announced and in chunks, and a bomb of gzip", async () => {
      const target = `${system().ingestUrl}${path}`;
      const headers = { ...auth(), "Content-Type": "application/json" };
      const chunks = () => Array.from({ length: 25 }, () => Buffer.alloc(MEBIBYTE, " "));
      const announced = { ...headers, "Content-Length": String(25 * MEBIBYTE) };
      const bomb = gzipSync(Buffer.alloc(200 * MEBIBYTE, " "), { level: 9 });
      expect(bomb.length).toBeLessThan(MEBIBYTE);
      expect(await besideANeighbour(() => postRaw(target, announced, chunks()))).toMatchObject({ status: 413 });
      expect(await besideANeighbour(() => postRaw(target, headers, chunks()))).toMatchObject({ status: 413 });
      expect(
        await besideANeighbour(() => postRaw(target, { ...headers, "Content-Encoding": "gzip" }, [bomb])),
      ).toMatchObject({ status: 413 });
    });

    test("other methods", async () => {
      for (const method of ["PUT", "DELETE", "PATCH"]) {
        const answer = await send(`${system().baseUrl}${path}`, { method, headers: auth() });
        expect([404, 405]).toContain(answer.status);
      }
    });
  });

  test("OTLP protobuf that is broken", async () => {
    for (const [title, body] of BROKEN_EXPORTS) {
      for (const path of OTLP) {
        const answer = await besideANeighbour(() => api().post(path, body, PROTOBUF));
        expect.soft(answer.status, `${title} to ${path}`).toBe(400);
        expect.soft(answer.headers.get("content-type"), title).toBe("application/x-protobuf");
        expect.soft(answer.text.length, title).toBeGreaterThan(0);
      }
    }
  });

  test("OTLP spans that are hostile, each next to one that is in order", async () => {
    const traceId = Buffer.alloc(16, 0x0b);
    const refused: string[] = [];
    let accepted = 0;
    for (const [index, [title, hostile]] of HOSTILE_EXPORTS.entries()) {
      const good = span({
        traceId,
        spanId: Buffer.from((index + 1).toString(16).padStart(16, "0"), "hex"),
        name: "good",
      });
      const answer = await besideANeighbour(() => api().post("/v1/traces", exportOf(hostile, good), PROTOBUF));
      expect.soft([200, 400], title).toContain(answer.status);
      if (answer.status === 200) accepted += 1;
      else refused.push(title);
    }
    // The spec's way: keep the good spans and say how many were not. Only what cannot be walked is refused whole.
    expect(refused).toEqual(["a value nested ten thousand deep"]);
    await eventually(async () => {
      const body = await api().read(`/api/public/traces/${traceId.toString("hex")}?fields=core`);
      expect(body.observationCount).toBe(accepted);
    });
  });

  test("all the neighbours are there, and the queue is empty", async () => {
    await eventually(async () => {
      const body = await api().read("/api/public/traces/neighbours?fields=core");
      expect(body.observationCount).toBe(neighbours);
      expect(await system().queueCounts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
    });
  });
});
