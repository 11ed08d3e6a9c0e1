import * as zlib from "node:zlib";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { COMPRESSIONS, inflateBody } from "./inflate-body.ts";

const LIMIT = 64 * 1024 * 1024;
const MEBIBYTE = 1024 * 1024;

/** Of what is no longer than `bytes` a sender may say so. */
function lyingAbout(bomb: Buffer): Buffer {
  const lie = Buffer.from(bomb);
  lie.writeUInt32LE(100, lie.length - 4);
  return lie;
}

test("inflates several members in one body", async () => {
  const members = Buffer.concat([gzipSync("a".repeat(100_000)), gzipSync("b".repeat(10))]);
  expect((await inflateBody(members, "gzip", LIMIT)).length).toBe(100_010);
  const incompressible = Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * index * 31) % 251));
  const large = Buffer.concat([gzipSync(incompressible), gzipSync("b")]);
  expect((await inflateBody(large, "gzip", LIMIT)).length).toBe(50_001);
});

test.each(["gzip", "deflate"] as const)("takes what is exactly as long as allowed, in %s", async (compression) => {
  const body = (compression === "gzip" ? gzipSync : deflateSync)(Buffer.alloc(20 * MEBIBYTE, "x"));
  expect((await inflateBody(body, compression, 20 * MEBIBYTE)).length).toBe(20 * MEBIBYTE);
  await expect(inflateBody(body, compression, 20 * MEBIBYTE - 1)).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
});

test("inflates what fills a chunk just so or nearly, and what is said to be of another size", async () => {
  for (const chunk of [16 * 1024, MEBIBYTE]) {
    for (const size of [chunk - 1, chunk, chunk + 1, 3 * chunk]) {
      const body = Buffer.alloc(size, "0123456789abcdef");
      const sent = gzipSync(body);
      expect((await inflateBody(sent, "gzip", LIMIT)).equals(body)).toBe(true);
      const lie = Buffer.concat([sent, gzipSync("b")]);
      expect((await inflateBody(lie, "gzip", LIMIT)).length).toBe(size + 1);
    }
  }
});

const bomb = Buffer.alloc(300 * MEBIBYTE);
test.each([
  ["gzip", gzipSync(bomb)],
  ["gzip", lyingAbout(gzipSync(bomb))],
  ["deflate", deflateSync(bomb)],
] as const)("refuses a bomb of %s without holding what comes out of it", async (compression, body) => {
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers - before)), 1);
  await expect(inflateBody(body, compression, LIMIT)).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
  clearInterval(watch);
  expect(most).toBeLessThan(32 * MEBIBYTE);
});

test("refuses what is broken", async () => {
  for (const body of [
    Buffer.from("x"),
    Buffer.from("not gzip"),
    gzipSync("hello").subarray(0, 15),
    Buffer.alloc(100_000),
  ])
    await expect(inflateBody(body, "gzip", LIMIT)).rejects.toMatchObject({ code: "BAD_REQUEST" });
});

describe.skipIf(!COMPRESSIONS.includes("zstd"))("zstd, where this Node.js has it", () => {
  const compress = (body: Buffer) => (zlib as unknown as { zstdCompressSync: typeof gzipSync }).zstdCompressSync(body);

  test("is inflated, and no further than allowed", async () => {
    const body = compress(Buffer.alloc(MEBIBYTE, "x"));
    expect((await inflateBody(body, "zstd", MEBIBYTE)).length).toBe(MEBIBYTE);
    await expect(inflateBody(body, "zstd", MEBIBYTE - 1)).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    await expect(inflateBody(body.subarray(0, 20), "zstd", MEBIBYTE)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });
});

test("zstd is offered just where this Node.js has it", () => {
  expect(COMPRESSIONS).toEqual("zstdDecompress" in zlib ? ["gzip", "deflate", "zstd"] : ["gzip", "deflate"]);
});
