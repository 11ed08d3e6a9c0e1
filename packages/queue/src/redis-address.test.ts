import { expect, test } from "vitest";
import { isRedisUrl, parseRedisUrl } from "./redis-address.ts";

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

test("refuses what is no Redis", () => {
  for (const url of ["http://h", "h:6379", "redis://", "redis://a:7000,", "redis://a:7000,b:port", "postgres://h/x"]) {
    expect(isRedisUrl(url)).toBe(false);
  }
});
