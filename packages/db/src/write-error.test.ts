import { expect, test } from "vitest";
import { classifyWriteError } from "./write-error.ts";
import { RowVanishedError } from "./write/upsert-merged.ts";

function failure(code: string): Error {
  return new Error("query failed", { cause: Object.assign(new Error("refused"), { code }) });
}

test.each(["22P02", "22003", "23502", "21000", "54000"])("SQLSTATE %s is the data's fault", (code) => {
  expect(classifyWriteError(failure(code))).toEqual({ kind: "data", sqlstate: code, message: "refused" });
});

test.each([
  "40P01",
  "57P01",
  "53300",
  "08006",
  "25006",
  "42P01",
  "55P03",
  "23503",
  "ECONNREFUSED",
  "CONNECTION_CLOSED",
])("%s passes", (code) => {
  expect(classifyWriteError(failure(code))).toEqual({ kind: "transient", code });
});

test("a row that vanished under the batch passes", () => {
  expect(classifyWriteError(new RowVanishedError())).toEqual({ kind: "transient", code: "RowVanishedError" });
});

test("a fault of our own is the item's, or it would be tried for ever", () => {
  expect(classifyWriteError(new RangeError("Invalid time value"))).toMatchObject({ kind: "data", sqlstate: null });
  expect(classifyWriteError(Object.assign(new TypeError("x"), { code: "ERR_INVALID_ARG_TYPE" }))).toMatchObject({
    kind: "data",
  });
  expect(classifyWriteError("thrown text")).toEqual({ kind: "data", sqlstate: null, message: "thrown text" });
});
