import { AppError } from "@xtrace/runtime";
import { describe, expect, test } from "vitest";
import { databaseFailure } from "./database-failure.ts";

const withCode = (code: string) => new Error("wrapped", { cause: Object.assign(new Error("driver"), { code }) });

describe("databaseFailure", () => {
  test.each(["57014", "57P01", "57P03", "53300", "08006", "40001", "ECONNREFUSED", "CONNECT_TIMEOUT", "EAI_AGAIN"])(
    "%s is for the caller to try again",
    (code) => {
      expect(databaseFailure(withCode(code))).toMatchObject({ code: "SERVICE_UNAVAILABLE", retryAfterSeconds: 1 });
    },
  );

  test.each(["22021", "42703", "28P01", "ERR_INVALID_ARG_TYPE"])("%s is a bug", (code) => {
    const error = withCode(code);
    expect(databaseFailure(error)).toBe(error);
  });

  test("leaves alone what comes from elsewhere", () => {
    const failure = new AppError("NOT_FOUND", "x", { cause: withCode("57014") });
    expect(databaseFailure(failure)).toBe(failure);
    expect(databaseFailure("text")).toBe("text");
    expect(databaseFailure(undefined)).toBeUndefined();
  });
});
