import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";

test("says which command of Redis failed, but not with what: a refused HELLO holds the password", () => {
  const lines: string[] = [];
  const destination = new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) });
  const log = createLogger({ name: "test", level: "info", destination });
  const command = { name: "hello", args: ["3", "AUTH", "default", "redis-password"] };
  const refusal = Object.assign(new Error("WRONGPASS invalid username-password pair"), { command });
  log.warn({ err: refusal }, "queue error");
  log.warn({ err: new AggregateError([refusal], "no shard takes jobs") }, "queue error");
  log.warn({ err: new Error("The queue did not take the job", { cause: refusal }) }, "queue error");
  expect(lines).toHaveLength(3);
  expect(lines.join("")).not.toContain("redis-password");
  expect(lines[0]).toContain("WRONGPASS");
  expect(lines[0]).toContain('"hello"');
});
