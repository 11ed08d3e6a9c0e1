/** Where a Redis is: one server, or the nodes by which a Redis Cluster is found. */
export type RedisAddress =
  | { readonly kind: "server"; readonly url: string }
  | {
      readonly kind: "cluster";
      readonly nodes: ReadonlyArray<{ readonly host: string; readonly port: number }>;
      readonly tls: boolean;
      readonly username?: string;
      readonly password?: string;
    };

const DEFAULT_PORT = 6379;

/**
 * Reads `redis://user:password@host:6379/0`, with `rediss://` for TLS. Several hosts,
 * `redis://a:7000,b:7001`, are nodes of a Redis Cluster, and so is one host after `redis+cluster://`.
 * Returns `undefined` for anything else.
 */
export function parseRedisUrl(url: string): RedisAddress | undefined {
  const match = /^(?<tls>rediss|redis)(?<cluster>\+cluster)?:\/\/(?:(?<user>[^@/]*)@)?(?<hosts>[^/?#@]+)/.exec(url);
  const parts = match?.groups;
  if (!parts) return undefined;
  const hosts = (parts["hosts"] ?? "").split(",");
  if (hosts.length === 1 && !parts["cluster"]) return URL.canParse(url) ? { kind: "server", url } : undefined;

  const nodes = hosts.map((host) => parseNode(host));
  if (nodes.includes(undefined)) return undefined;
  const [username, password] = credentials(parts["user"] ?? "");
  return {
    kind: "cluster",
    nodes: nodes.filter((node) => node !== undefined),
    tls: parts["tls"] === "rediss",
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
  };
}

/** Whether a setting names a Redis that this package can connect to. */
export function isRedisUrl(text: string): boolean {
  return parseRedisUrl(text) !== undefined;
}

function parseNode(text: string): { host: string; port: number } | undefined {
  if (!URL.canParse(`tcp://${text}`)) return undefined;
  const { hostname, port } = new URL(`tcp://${text}`);
  // The brackets of an IPv6 address belong to the URL, not to the address.
  const host = hostname.replace(/^\[|\]$/g, "");
  return host === "" ? undefined : { host, port: port === "" ? DEFAULT_PORT : Number(port) };
}

function credentials(text: string): [string, string] {
  const colon = text.indexOf(":");
  if (colon < 0) return [decodeURIComponent(text), ""];
  return [decodeURIComponent(text.slice(0, colon)), decodeURIComponent(text.slice(colon + 1))];
}
