import { expect, test } from "vitest";
import { connectionOf } from "./connection-url.ts";

test.each([
  ["postgres://u:p@h:5432/d", { url: "postgres://u:p@h:5432/d", isPooled: false }],
  ["postgres://u:p@h:6432/d?pgbouncer=true", { url: "postgres://u:p@h:6432/d", isPooled: true }],
  ["postgres://u:p@h/d?sslmode=require&pgbouncer=1", { url: "postgres://u:p@h/d?sslmode=require", isPooled: true }],
  ["postgres://u:p@h/d?pgbouncer=false", { url: "postgres://u:p@h/d", isPooled: false }],
])("%s", (url, expected) => {
  expect(connectionOf(url)).toEqual(expected);
});
