import { fileURLToPath } from "node:url";
import { spawnNode } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { openAnswerLog } from "./answer-log.ts";
import { startApp } from "../../src/app-process.ts";

const PLANTED = fileURLToPath(new URL("planted-server.mjs", import.meta.url));

test("holds every answer of a process by the time that its client has it", async () => {
  const log = openAnswerLog();
  try {
    await using server = spawnNode(PLANTED, { env: { NODE_OPTIONS: log.nodeOption } });
    const url = await server.waitForLine(/^http/);
    const ask = async (path: string, method = "GET") => await (await fetch(`${url}${path}`, { method })).text();

    await ask("/whole?a=b");
    const whole = { path: "/whole", status: 200, mediaType: "application/json", bytes: 7, text: '{"a":1}' };
    expect([...log.take()]).toEqual([{ ...whole, method: "GET" }]);
    await ask("/in-parts", "POST");
    expect([...log.take()]).toEqual([{ ...whole, method: "POST", path: "/in-parts", status: 207 }]);
    await ask("/large");
    await ask("/text");
    await ask("/nothing", "DELETE");
    expect([...log.take()]).toEqual([
      { method: "GET", path: "/large", status: 200, mediaType: "application/json", bytes: 2_000_000 },
      { method: "GET", path: "/text", status: 200, mediaType: "text/plain", bytes: 4 },
      { method: "DELETE", path: "/nothing", status: 404, mediaType: "", bytes: 0 },
    ]);
    expect([...log.take()]).toEqual([]);

    await Promise.all(Array.from({ length: 300 }, () => ask("/whole")));
    expect([...log.take()]).toHaveLength(300);
  } finally {
    log.remove();
  }
});

test("is given to every process of ours that a test here starts", async () => {
  expect(process.env["TEST_NODE_OPTIONS"]).toContain("record-answers.mjs?dir=");
  // It does not load what is not there.
  const before = process.env["TEST_NODE_OPTIONS"];
  process.env["TEST_NODE_OPTIONS"] = "--import=file:///nowhere/planted.mjs";
  try {
    await using gateway = startApp("gateway", {});
    expect((await gateway.exited).code).not.toBe(0);
    expect(gateway.lines.join("\n")).toContain("/nowhere/planted.mjs");
  } finally {
    process.env["TEST_NODE_OPTIONS"] = before;
  }
});
