import type { OpenAPIHono } from "@hono/zod-openapi";
import { AppError, notFoundHandler } from "@xtrace/runtime";
import type { Context } from "hono";
import type { QueryEnv } from "./routes/route.ts";

type Described = { readonly pattern: RegExp; readonly methods: readonly string[] };

/**
 * For `app.notFound`: a path that is served by other methods answers 405 and names them, any other 404.
 * Goes by what the app describes, so it knows every route that is mounted until the first such request.
 */
export function unservedHandler(app: OpenAPIHono<QueryEnv>) {
  let described: Described[] | undefined;
  return function unserved(c: Context): Response {
    described ??= describedPaths(app);
    const methods = described.filter(({ pattern }) => pattern.test(c.req.path)).flatMap((path) => path.methods);
    if (methods.length === 0) return notFoundHandler(c);
    throw new AppError("METHOD_NOT_ALLOWED", "Method not allowed", { headers: { Allow: methods.join(", ") } });
  };
}

function describedPaths(app: OpenAPIHono<QueryEnv>): Described[] {
  const { paths = {} } = app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "", version: "" } });
  return Object.entries(paths).map(([path, item]) => ({
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    methods: Object.keys(item).map((method) => method.toUpperCase()),
  }));
}
