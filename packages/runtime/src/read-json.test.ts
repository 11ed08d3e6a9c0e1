import { gzipSync } from "node:zlib";
import { LIMITS } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { AppError } from "./app-error.ts";
import { parseJson, readJson } from "./read-json.ts";

function requestOf(body: string | Uint8Array, headers: Record<string, string>): Request {
  return new Request("http://gateway.test/", { method: "POST", body: Buffer.from(body), headers });
}

describe("readJson", () => {
  test.each(["application/json", "Application/JSON; charset=utf-8", "application/vnd.x+json", ""])(
    "reads a body declared as %j, with its bytes",
    async (type) => {
      const { body, bytes } = await readJson(requestOf('{"a":1}', { "content-type": type }), LIMITS);
      expect(body).toEqual({ a: 1 });
      expect(Buffer.from(bytes).toString()).toBe('{"a":1}');
    },
  );

  test("gives the bytes after decompression, so that a retry may compress differently", async () => {
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const { bytes } = await readJson(requestOf(gzipSync('{"a":1}'), headers), LIMITS);
    expect(Buffer.from(bytes).toString()).toBe('{"a":1}');
  });

  test.each(["text/plain", "application/x-protobuf", "application/jsonish"])("refuses %j", async (type) => {
    const reading = readJson(requestOf("{}", { "content-type": type }), LIMITS);
    await expect(reading).rejects.toMatchObject({ code: "UNSUPPORTED_MEDIA_TYPE" });
  });
});

function failureOf(text: string): unknown {
  try {
    return parseJson(Buffer.from(text));
  } catch (error) {
    return error instanceof AppError ? error.code : error;
  }
}

describe("parseJson", () => {
  test.each([
    ["nothing", "", "INVALID_JSON"],
    ["a cut body", '{"a":', "INVALID_JSON"],
    ["a literal NaN", '{"a":NaN}', "INVALID_JSON"],
    ["ten thousand levels", `${"[".repeat(10_000)}${"]".repeat(10_000)}`, "TOO_DEEP"],
    ["one level too many", `${"[".repeat(LIMITS.maxJsonDepth + 1)}1${"]".repeat(LIMITS.maxJsonDepth + 1)}`, "TOO_DEEP"],
    ["a number beyond all doubles", '{"a":[1,1e400]}', "NON_FINITE"],
    ["only such a number", "-1e999", "NON_FINITE"],
    ["too many values", `[${"0,".repeat(LIMITS.maxJsonValues)}0]`, "BAD_REQUEST"],
  ])("refuses %s", (_, text, code) => {
    expect(failureOf(text)).toBe(code);
  });

  test("takes as many levels as are allowed", () => {
    const text = `${"[".repeat(LIMITS.maxJsonDepth)}1${"]".repeat(LIMITS.maxJsonDepth)}`;
    expect(JSON.stringify(failureOf(text))).toBe(text);
  });

  test("counts no commas inside of text, however it is escaped", () => {
    const text = `${",".repeat(LIMITS.maxJsonValues)}\\" ${",".repeat(LIMITS.maxJsonValues)}`;
    expect(failureOf(JSON.stringify({ text }))).toEqual({ text });
  });

  test("refuses sixty megabytes of tiny values before they cost anything", () => {
    const bytes = Buffer.alloc(60 * 1024 * 1024, "{},");
    const startedAt = process.cpuUsage();
    expect(() => parseJson(bytes)).toThrow("values");
    expect(process.cpuUsage(startedAt).user).toBeLessThan(2_000_000);
  });

  test("replaces what PostgreSQL cannot store, in keys too, and keeps whole surrogate pairs", () => {
    expect(failureOf('{"a\\u0000":["\\ud800","\\ud83d\\ude00",{"b":"\\udc00x"}],"n":null}')).toEqual({
      "a\uFFFD": ["\uFFFD", "😀", { b: "\uFFFDx" }],
      n: null,
    });
  });

  test("keeps __proto__ plain data, also where text has to be cleaned", () => {
    const value = failureOf('{"__proto__":{"polluted":"\\u0000"}}');
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":"\uFFFD"}}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("reads invalid UTF-8 with replacement characters", () => {
    expect(parseJson(Buffer.from([0x22, 0xff, 0x22]))).toBe("\uFFFD");
  });
});
