import type { OpenAPIHono } from "@hono/zod-openapi";
import type { QueryEnv } from "./routes/route.ts";

type Described = { readonly pattern: RegExp; readonly methods: readonly string[] };

/**
 * By which methods a path is served, here or by the gateway, which a proxy sends nothing but writes to. Goes by what the
 * app describes, so it knows every route that is described until it is first asked.
 */
export function servedMethods(app: OpenAPIHono<QueryEnv>): (path: string) => readonly string[] {
  let described: Described[] | undefined;
  return function methodsOf(path) {
    described ??= describedPaths(app);
    return described.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
  };
}

function describedPaths(app: OpenAPIHono<QueryEnv>): Described[] {
  const { paths = {} } = app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "", version: "" } });
  return Object.entries(paths).map(([path, item]) => ({
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    methods: Object.keys(item).map((method) => method.toUpperCase()),
  }));
}
