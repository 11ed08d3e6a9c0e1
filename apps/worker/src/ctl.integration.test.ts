import { INGEST_JOB_VERSION, noEvents } from "@xtrace/contract";
import { buryJob, openDatabase, listActiveApiKeys } from "@xtrace/db";
import { createTestDatabase } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { runCtl } from "./ctl.ts";

async function setup() {
  const server = await createTestDatabase();
  const run = async (...argv: string[]) => {
    let output = "";
    const code = await runCtl(argv, { DATABASE_URL: server.url }, (text) => (output += text));
    return { code, output };
  };
  return { url: server.url, run, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("migrates, makes a key, lists it without its secret, and revokes it", async () => {
  await using system = await setup();
  expect(await system.run("migrate")).toEqual({ code: 0, output: "The schema is up to date.\n" });
  const created = await system.run("keys", "create", "--project", "p", "--name", "Mine", "--scope", "ingest");
  expect(created.code).toBe(0);
  const [, publicKey = "", secretKey = ""] = /Public key {2}(\S+)\nSecret key {2}(\S+)/.exec(created.output) ?? [];
  expect(secretKey.length).toBeGreaterThan(40);

  const listed = await system.run("keys", "list");
  expect(listed.output).not.toContain(secretKey);
  expect(JSON.parse(listed.output)).toMatchObject({ projectId: "p", publicKey, scopes: ["ingest"], revokedAt: null });
  expect((await system.run("keys", "list", "--project", "other")).output).toBe("");

  await using database = openDatabase({
    url: system.url,
    poolSize: 1,
    applicationName: "test",
    statementTimeoutMs: 5_000,
  });
  expect(await listActiveApiKeys(database.db)).toHaveLength(1);
  expect(await system.run("keys", "revoke", publicKey)).toEqual({ code: 0, output: `Revoked ${publicKey}.\n` });
  expect((await system.run("keys", "revoke", publicKey)).code).toBe(1);
  expect(await listActiveApiKeys(database.db)).toEqual([]);
  expect(JSON.parse((await system.run("keys", "list")).output)).toMatchObject({
    revokedAt: expect.stringContaining("T"),
  });
});

test("lists, shows, replays and discards dead letters, and prints nothing that a terminal obeys", async () => {
  await using system = await setup();
  await system.run("migrate");
  await using database = openDatabase({
    url: system.url,
    poolSize: 1,
    applicationName: "test",
    statementTimeoutMs: 5_000,
  });
  const name = "\u001b]0;owned\u0007 \u202e";
  const payload = (id: string, text: string) => {
    const events = { ...noEvents(), traces: [{ id, stamp: 1, name: text }] };
    return { v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs: 1, events };
  };
  const letter = (id: string, text = name) =>
    buryJob(database.db, id, {
      id,
      projectId: "p",
      receivedAtUs: 1,
      payload: payload(id, text),
      sqlstate: "22P05",
      error: name,
    });
  await letter("good");
  await letter("bad", "still \u0000");
  await letter("unwanted");

  const listed = await system.run("dlq", "list", "--project", "p", "--reason", "22P05");
  expect(
    listed.output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).id),
  ).toEqual(["unwanted", "bad", "good"]);
  const shown = await system.run("dead-letters", "show", "good");
  expect(shown.output).toMatch(/^[\x20-\x7e\n]*$/);
  expect(JSON.parse(JSON.parse(shown.output).payload).events.traces[0].name).toBe(name);

  expect(await system.run("dead-letters", "discard", "unwanted", "nobody")).toEqual({
    code: 1,
    output: 'Discarded unwanted.\nThere is no unsettled dead letter "nobody".\n',
  });
  const replayed = await system.run("dead-letters", "replay", "--all", "--project", "p");
  expect(replayed.code).toBe(1);
  expect(replayed.output.trim().split("\n").sort()).toEqual(["bad refused again: 22021", "good replayed"]);
  expect(await system.run("dlq", "replay", "good")).toMatchObject({ code: 1, output: expect.stringContaining("good") });
  const open = await system.run("dlq", "list", "--state", "open");
  expect(JSON.parse(open.output)).toMatchObject({ id: "bad", attempts: 1 });
  expect((await system.run("dlq", "replay")).code).toBe(2);
  expect((await system.run("dlq", "discard", "--all")).code).toBe(2);
  expect((await system.run("dlq", "list", "--state", "lost")).code).toBe(2);
});

test("migrates from five places at once, one after the other", async () => {
  await using system = await setup();
  const runs = await Promise.all(Array.from({ length: 5 }, () => system.run("migrate")));
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
});

test.each([
  [["help me"], 2, "Usage"],
  [[], 2, "Usage"],
  [["--help"], 0, "Usage"],
  [["keys", "create"], 2, "--project"],
  [["keys", "create", "--project", "p", "--scope", "root"], 2, "--scope"],
  [["keys", "burn"], 2, "Usage"],
  [["--unknown"], 2, "unknown"],
])("answers %j with code %i and a word on %s", async (argv, code, word) => {
  let output = "";
  expect(await runCtl(argv, { DATABASE_URL: "postgres://127.0.0.1:1/x" }, (text) => (output += text))).toBe(code);
  expect(output).toContain(word);
});

test("says what is wrong when there is no database, and exits 1", async () => {
  let output = "";
  const code = await runCtl(["migrate"], { DATABASE_URL: "postgres://127.0.0.1:1/x" }, (text) => (output += text));
  expect(code).toBe(1);
  expect(output).toContain("ECONNREFUSED");
  expect(await runCtl(["migrate"], {}, () => {})).toBe(2);
});
