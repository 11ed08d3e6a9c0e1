import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";

/**
 * Sets a header of the response, whatever it will be, on Node's own where the app is served by one. A response that
 * brings a header of the same name wins.
 *
 * For what every response of a busy route carries: Hono collects headers in a `Headers`, which is copied, sorted and taken
 * apart again on its way to Node. A dozen of them took 8 KB a request.
 */
export function setHeader(c: Context, name: string, value: string): void {
  const { outgoing } = bindingsOf(c);
  if (outgoing) outgoing.setHeader(name, value);
  else c.header(name, value);
}

/** None in a test that calls the app itself. */
function bindingsOf(c: Context): Partial<HttpBindings> {
  return (c.env as Partial<HttpBindings> | undefined) ?? {};
}
