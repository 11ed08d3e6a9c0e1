import { ConfigError } from "./env.ts";

export type Address = { readonly host: string; readonly port: number };

/** `host:port`, with an IPv6 host in brackets. Port 0 takes a free one. Throws ConfigError. */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port > 65_535) throw new ConfigError(`${text}: expected host:port, such as 127.0.0.1:8742`);
  return { host, port };
}
