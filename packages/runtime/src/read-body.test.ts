import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readBody } from "./read-body.ts";

const limits = { maxBodyBytes: 1_000, maxInflatedBytes: 5_000 };

function requestOf(body: RequestInit["body"], headers: Record<string, string> = {}): Request {
  return new Request("http://gateway.test/", { method: "POST", body, headers, duplex: "half" } as RequestInit);
}

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Buffer.from(chunk));
      controller.close();
    },
  });
}

describe("readBody", () => {
  test.each([
    ["gzip", gzipSync("hello")],
    ["GZIP", gzipSync("hello")],
    ["deflate", deflateSync("hello")],
    ["identity", Buffer.from("hello")],
  ])("reads %s", async (encoding, body) => {
    expect((await readBody(requestOf(body, { "content-encoding": encoding }), limits)).toString()).toBe("hello");
  });

  test("reads a chunked body", async () => {
    expect((await readBody(requestOf(streamOf("hel", "lo")), limits)).toString()).toBe("hello");
  });

  test("refuses a body by its announced length, and reads it to the end so that the client hears", async () => {
    const chunks = Array.from({ length: 20 }, () => "x".repeat(100));
    const stream = streamOf(...chunks);
    const request = requestOf(stream, { "content-length": "2000" });
    await expect(readBody(request, limits)).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    expect(await request.body?.getReader().read()).toMatchObject({ done: true });
  });

  test("refuses a chunked body, and does not read on for ever", async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(Buffer.alloc(16 * 1024 * 1024));
      },
    });
    await expect(readBody(requestOf(endless), limits)).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    expect(pulled).toBeLessThan(10);
  });

  test("refuses a small body that inflates to a large one", async () => {
    const bomb = gzipSync(Buffer.alloc(500_000));
    expect(bomb.length).toBeLessThan(limits.maxBodyBytes);
    const reading = readBody(requestOf(bomb, { "content-encoding": "gzip" }), limits);
    await expect(reading).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
  });

  test("refuses broken compressed data and encodings that it does not know", async () => {
    const broken = readBody(requestOf("not gzip", { "content-encoding": "gzip" }), limits);
    await expect(broken).rejects.toMatchObject({ code: "BAD_REQUEST" });
    const unknown = readBody(requestOf("x", { "content-encoding": "br" }), limits);
    await expect(unknown).rejects.toMatchObject({ code: "UNSUPPORTED_MEDIA_TYPE" });
  });

  test("says so when the body breaks off", async () => {
    const cut = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from("hel"));
        controller.error(new Error("socket closed"));
      },
    });
    const announced = readBody(requestOf(cut, { "content-length": "10" }), limits);
    await expect(announced).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });
});
