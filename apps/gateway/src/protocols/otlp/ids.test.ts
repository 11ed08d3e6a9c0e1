import { describe, expect, test } from "vitest";
import { idFromBytes, idFromText, INVALID_ID } from "./ids.ts";

const HEX = "5b8efff798038103d269b633813fc60c";
const BYTES = Buffer.from(HEX, "hex");

describe("ids from bytes", () => {
  test("are lower-case hex", () => expect(idFromBytes(BYTES, 16)).toBe(HEX));
  test("are none when empty or all zero, of whatever length", () => {
    expect(idFromBytes(Buffer.alloc(0), 8)).toBe("");
    expect(idFromBytes(Buffer.alloc(8), 8)).toBe("");
    expect(idFromBytes(Buffer.alloc(16), 8)).toBe("");
  });
  test("are invalid with another length", () => expect(idFromBytes(BYTES, 8)).toBe(INVALID_ID));
});

describe("ids from text", () => {
  test("are hex in any case", () => expect(idFromText(HEX.toUpperCase(), 16)).toBe(HEX));
  test("may be base64, padded or not, of either alphabet", () => {
    expect(idFromText(BYTES.toString("base64"), 16)).toBe(HEX);
    expect(idFromText(BYTES.toString("base64url"), 16)).toBe(HEX);
    expect(idFromText("7uGbfsPBsXQ=", 8)).toBe("eee19b7ec3c1b174");
  });
  test("are none when empty or zero in either spelling", () => {
    expect(idFromText("", 8)).toBe("");
    expect(idFromText("0".repeat(32), 8)).toBe("");
    expect(idFromText("A".repeat(11), 8)).toBe("");
  });
  test.each(["5b8e", "not an id", `${HEX}00`, "5b8efff7-9803-8103-d269-b633813fc60c", "é".repeat(32)])(
    "refuse %s",
    (text) => {
      expect(idFromText(text, 16)).toBe(INVALID_ID);
    },
  );
});
