import { expect, test } from "vitest";
import { parseRedisUrl, RedisUrl, RedisUrlError } from "./redis-address.ts";

test("takes one host as a server, and leaves its URL to the client", () => {
  for (const url of ["redis://h", "redis://:p%40ss@h:1/2", "rediss://u:p@h:6380?family=6", "redis://[::1]:7000"]) {
    expect(parseRedisUrl(url)).toEqual({ kind: "server", url });
  }
});

test("takes several hosts as nodes of a cluster, with the credentials that they share", () => {
  expect(parseRedisUrl("redis://a:7000,b:7001,c")).toEqual({
    kind: "cluster",
    nodes: [
      { host: "a", port: 7000 },
      { host: "b", port: 7001 },
      { host: "c", port: 6379 },
    ],
    tls: false,
  });
  expect(parseRedisUrl("rediss://u:p%40ss@a:7000,[::1]:7001")).toEqual({
    kind: "cluster",
    nodes: [
      { host: "a", port: 7000 },
      { host: "::1", port: 7001 },
    ],
    tls: true,
    username: "u",
    password: "p@ss",
  });
});

test("takes one host as the way into a cluster when told so", () => {
  expect(parseRedisUrl("redis+cluster://:secret@entry:7000")).toEqual({
    kind: "cluster",
    nodes: [{ host: "entry", port: 7000 }],
    tls: false,
    password: "secret",
  });
});

test("takes hosts as Sentinels, with the master's name and what logs in to which", () => {
  expect(parseRedisUrl("redis+sentinel://s1/queue")).toEqual({
    kind: "sentinel",
    sentinels: [{ host: "s1", port: 26379 }],
    masterName: "queue",
    database: 0,
    tls: false,
    sentinelLogin: {},
  });
  expect(
    parseRedisUrl(
      "rediss+sentinel://u:p%2Fw@s1:5000,[::1],s3/my%20master/2?sentinel_username=asker&sentinel_password=a%26b",
    ),
  ).toEqual({
    kind: "sentinel",
    sentinels: [
      { host: "s1", port: 5000 },
      { host: "::1", port: 26379 },
      { host: "s3", port: 26379 },
    ],
    masterName: "my master",
    database: 2,
    tls: true,
    username: "u",
    password: "p/w",
    sentinelLogin: { username: "asker", password: "a&b" },
  });
  expect(parseRedisUrl("redis+sentinel://:secret@s1/queue/")).toMatchObject({ password: "secret", database: 0 });
});

test.each([
  ["http://h", "expected redis://host:6379"],
  ["h:6379", "expected redis://host:6379"],
  ["redis://", "expected redis://host:6379"],
  ["postgres://h/x", "expected redis://host:6379"],
  ["sentinel://s1,s2/queue", "redis+sentinel://a:26379,b:26379/mymaster"],
  ["redis-sentinel://s1,s2/queue", "redis+sentinel://a:26379,b:26379/mymaster"],
  ["redis://a:7000,", "host 2 of 2 is not host:port"],
  ["redis://a:7000,b:port", "host 2 of 2 is not host:port"],
  ["redis+sentinel://s1,s2:99999/queue", "host 2 of 2 is not host:port"],
  ["redis+sentinel://s1,s2", "name of the master is missing"],
  ["redis+sentinel://s1,s2/", "name of the master is missing"],
  ["redis+sentinel://s1/queue/zero", "no number of a database"],
  ["redis+sentinel://s1/queue/0/x", "no number of a database"],
  ["redis+sentinel://s1/queue?password=x", "other than sentinel_username and sentinel_password"],
  ["redis+sentinel://:100%@s1/queue", "%25"],
  ["redis+sentinel://:hunter/2@s1:26379/queue", "%2F"],
])("says what is wrong with %s", (url, problem) => {
  expect(() => parseRedisUrl(url)).toThrow(RedisUrlError);
  expect(RedisUrl.safeParse(url).error?.issues[0]?.message).toContain(problem);
});

test("shows nothing of an address that is wrong", () => {
  for (const rest of ["s1,,s2/q", "s1", "s1/q/hunter2", "s1/q?hunter2=hunter2", "hunter2/hunter2@s1/q", "s1/%/q"]) {
    const message = RedisUrl.safeParse(`redis+sentinel://:hunter2@${rest}`).error?.issues[0]?.message;
    expect(message).toBeDefined();
    expect(message).not.toContain("hunter2");
  }
});
