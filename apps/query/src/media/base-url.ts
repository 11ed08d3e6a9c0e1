import type { Context } from "hono";

/**
 * Where the caller reaches this server, without a slash at the end: as set, else as the proxies before it say, else as
 * the request does. A caller who makes headers up gets URLs that work nowhere, and gets them alone.
 */
export function baseUrlOf(c: Context, publicUrl: string | null): string {
  if (publicUrl !== null) return publicUrl.replace(/\/+$/, "");
  const own = new URL(c.req.url);
  const protocol = firstOf(c.req.header("x-forwarded-proto")) ?? own.protocol.slice(0, -1);
  const host = firstOf(c.req.header("x-forwarded-host")) ?? own.host;
  const url = `${protocol}://${host}`;
  return /^https?$/.test(protocol) && URL.canParse(url) && new URL(url).host === host.toLowerCase() ? url : own.origin;
}

/** Each proxy adds its own behind the one that the client talked to. */
function firstOf(header: string | undefined): string | undefined {
  return header?.split(",")[0]?.trim() || undefined;
}
