import { z } from "zod";

type HostPort = { readonly host: string; readonly port: number };
type Login = { readonly username?: string; readonly password?: string };

/** Where a Redis is: one server, nodes by which a Redis Cluster is found, or Sentinels who know which server is master. */
export type RedisAddress =
  | { readonly kind: "server"; readonly url: string }
  | (Login & { readonly kind: "cluster"; readonly nodes: readonly HostPort[]; readonly tls: boolean })
  | (Login & {
      readonly kind: "sentinel";
      readonly sentinels: readonly HostPort[];
      /** As the Sentinels call it. */
      readonly masterName: string;
      readonly database: number;
      /** To the Sentinels and to the master. */
      readonly tls: boolean;
      /** The Sentinels' own; those of the master are not shown to them. */
      readonly sentinelLogin: Login;
    });

/** Not the address of a Redis. The message says what is wrong with it and shows nothing of it: it may hold a password. */
export class RedisUrlError extends TypeError {
  override readonly name = "RedisUrlError";
}

const FORMS =
  "expected redis://host:6379, redis://a:7000,b:7001 for a cluster, or redis+sentinel://a:26379,b:26379/mymaster for Sentinels";
const REDIS_PORT = 6_379;
const SENTINEL_PORT = 26_379;
const SENTINEL_PARAMETERS = ["sentinel_username", "sentinel_password"];

/**
 * Reads `redis://user:password@host:6379/0`, with `rediss://` for TLS. Several hosts, `redis://a:7000,b:7001`, are nodes of a
 * Redis Cluster, and so is one host after `redis+cluster://`. Hosts after `redis+sentinel://` are Sentinels, which are asked for
 * the master: `redis+sentinel://user:password@a:26379,b:26379/mymaster/0?sentinel_username=…&sentinel_password=…`.
 *
 * Throws RedisUrlError.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const match =
    /^(?<protocol>rediss?)(?:\+(?<kind>cluster|sentinel))?:\/\/(?:(?<login>[^@/]*)@)?(?<hosts>[^/?#@]+)(?<rest>.*)$/s.exec(
      url,
    );
  const parts = match?.groups;
  if (!parts) throw new RedisUrlError(FORMS);
  const { protocol, kind, login = "", hosts = "", rest = "" } = parts;
  const names = hosts.split(",");
  if (kind === undefined && names.length === 1) {
    if (!URL.canParse(url)) throw new RedisUrlError(FORMS);
    return { kind: "server", url };
  }
  const isSentinel = kind === "sentinel";
  const nodes = names.map((name, index) => {
    const node = parseHost(name, isSentinel ? SENTINEL_PORT : REDIS_PORT);
    if (!node) throw new RedisUrlError(badHost(index, names.length, rest));
    return node;
  });
  const common = { ...parseLogin(login), tls: protocol === "rediss" };
  if (!isSentinel) return { ...common, kind: "cluster", nodes };
  return { ...common, kind: "sentinel", sentinels: nodes, ...parseSentinelRest(rest) };
}

/** Whether an address is meant to be one of Redis; `parseRedisUrl` tells whether it is a good one. */
export function isRedisUrl(text: string): boolean {
  return /^rediss?(\+\w+)?:/.test(text);
}

/** What is wrong with the address of a Redis, in words that may be logged; `undefined` when nothing is. */
export function redisUrlProblem(text: string): string | undefined {
  try {
    parseRedisUrl(text);
    return undefined;
  } catch (error) {
    if (error instanceof RedisUrlError) return error.message;
    throw error;
  }
}

/** A setting that names a Redis. */
export const RedisUrl = z
  .string()
  .refine((text) => redisUrlProblem(text) === undefined, { error: ({ input }) => redisUrlProblem(String(input)) });

/** Of `/mymaster/0?sentinel_password=…`. */
function parseSentinelRest(rest: string) {
  const [path = "", query = ""] = rest.split("?");
  const [, name = "", database = "0", ...more] = path.split("/");
  const masterName = decode(name);
  if (masterName === "") {
    throw new RedisUrlError("the name of the master is missing: redis+sentinel://a:26379,b:26379/mymaster");
  }
  if (!/^(\d{1,5})?$/.test(database) || more.length > 0) {
    throw new RedisUrlError("what follows the name of the master is no number of a database: /mymaster/0");
  }
  const parameters = new URLSearchParams(query);
  if ([...parameters.keys()].some((key) => !SENTINEL_PARAMETERS.includes(key))) {
    throw new RedisUrlError(`it has a parameter other than ${SENTINEL_PARAMETERS.join(" and ")}`);
  }
  const [username = "", password = ""] = SENTINEL_PARAMETERS.map((key) => parameters.get(key) ?? "");
  return { masterName, database: Number(database), sentinelLogin: loginOf(username, password) };
}

function parseHost(text: string, defaultPort: number): HostPort | undefined {
  if (!URL.canParse(`tcp://${text}`)) return undefined;
  const { hostname, port } = new URL(`tcp://${text}`);
  // The brackets of an IPv6 address belong to the URL, not to the address.
  const host = hostname.replace(/^\[|\]$/g, "");
  return host === "" ? undefined : { host, port: port === "" ? defaultPort : Number(port) };
}

function badHost(index: number, count: number, rest: string): string {
  const which = count === 1 ? "what should be a host" : `host ${index + 1} of ${count}`;
  const hint = rest.includes("@") ? ". A / in a password is written %2F, and an @ %40" : "";
  return `${which} is not host:port${hint}`;
}

/** Of `user:password`. */
function parseLogin(text: string): Login {
  const colon = text.indexOf(":");
  if (colon < 0) return loginOf(decode(text), "");
  return loginOf(decode(text.slice(0, colon)), decode(text.slice(colon + 1)));
}

function loginOf(username: string, password: string): Login {
  return { ...(username ? { username } : {}), ...(password ? { password } : {}) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RedisUrlError("a % in it begins no escape: itself it is written %25");
  }
}
