import { expect, test } from "vitest";
import { classifyWriteError } from "./write-error.ts";
import { RowVanishedError } from "./write/upsert-merged.ts";

function failure(code: string): Error {
  return new Error("query failed", { cause: Object.assign(new Error("refused"), { code }) });
}

test.each(["22P02", "22003", "23502", "21000", "54000"])("SQLSTATE %s is the data's fault", (code) => {
  expect(classifyWriteError(failure(code))).toEqual({ kind: "data", sqlstate: code, message: "refused" });
});

test.each(["40P01", "40001", "55P03", "57014", "23503", "42P01", "53200", "XX000", "MAX_PARAMETERS_EXCEEDED"])(
  "%s passes, and is no matter of other writes",
  (code) => {
    expect(classifyWriteError(failure(code))).toEqual({ kind: "conflict", code });
  },
);

test.each([
  "57P01",
  "53100",
  "53300",
  "08006",
  "25006",
  "ECONNREFUSED",
  "EAI_AGAIN",
  "CONNECTION_CLOSED",
  "CONNECT_TIMEOUT",
])("%s passes, and until then no write succeeds", (code) => {
  expect(classifyWriteError(failure(code))).toEqual({ kind: "outage", code });
});

test("a row that vanished under the batch passes", () => {
  expect(classifyWriteError(new RowVanishedError())).toEqual({ kind: "conflict", code: "RowVanishedError" });
});

test("a fault of our own is the item's, or it would be tried for ever", () => {
  expect(classifyWriteError(new RangeError("Invalid time value"))).toMatchObject({ kind: "data", sqlstate: null });
  expect(classifyWriteError(Object.assign(new TypeError("x"), { code: "ERR_INVALID_ARG_TYPE" }))).toMatchObject({
    kind: "data",
  });
  expect(classifyWriteError("thrown text")).toEqual({ kind: "data", sqlstate: null, message: "thrown text" });
});
