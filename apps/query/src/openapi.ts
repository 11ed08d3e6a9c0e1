import { z, type OpenAPIHono } from "@hono/zod-openapi";
import { ERROR_CODES } from "@xtrace/contract";
import type { QueryEnv } from "./routes/route.ts";

const ErrorBody = z
  .object({
    message: z.string(),
    error: z
      .union([
        z.string(),
        z.array(z.object({ code: z.string(), path: z.array(z.union([z.string(), z.number()])), message: z.string() })),
      ])
      .describe(
        "The error's class, as Langfuse's clients know it; what is wrong, where a request is not as described here.",
      ),
    code: z.enum(Object.keys(ERROR_CODES) as Array<keyof typeof ERROR_CODES>),
    requestId: z.string().optional(),
    details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi("Error");

const ERRORS = {
  400: "A parameter is wrong; `details` names it.",
  401: "No valid key.",
  403: "The key may not do this.",
  404: "Not in the key's project.",
  409: "Something else has this name or id.",
  413: "The body is too large.",
  429: "Too many requests of this key; `Retry-After` says when to come back.",
  503: "The database is away or the query took too long.",
} as const;

/** An answer with a JSON body. */
export function json<T extends z.ZodType>(description: string, schema: T) {
  return { description, content: { "application/json": { schema } } };
}

/** The error answers of a route. Every route may also answer 400, for a path or a parameter that holds U+0000, 429 and 503. */
export function errorResponses<Status extends keyof typeof ERRORS>(...statuses: Status[]) {
  const entries = [...new Set([...statuses, ...OF_EVERY_ROUTE])].map((status) => [
    status,
    json(ERRORS[status], ErrorBody),
  ]);
  return Object.fromEntries(entries) as Record<
    Status | (typeof OF_EVERY_ROUTE)[number],
    ReturnType<typeof json<typeof ErrorBody>>
  >;
}

const OF_EVERY_ROUTE = [400, 429, 503] as const;

/** Serves the description of all routes of `app`. It is made once, at the first request. */
export function serveOpenApi(app: OpenAPIHono<QueryEnv>, options: { readonly version: string }): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "Basic", {
    type: "http",
    scheme: "basic",
    description: "Public key and secret key.",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "Bearer", { type: "http", scheme: "bearer" });
  let document: ReturnType<typeof app.getOpenAPI31Document> | undefined;
  app.get("/openapi.json", (c) => {
    document ??= app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: "xtrace query API", version: options.version },
      security: [{ Basic: [] }, { Bearer: [] }],
    });
    return c.json(document);
  });
}
