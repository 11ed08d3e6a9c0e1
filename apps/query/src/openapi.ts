import type { OpenAPIHono } from "@hono/zod-openapi";
import { ErrorAnswer, ReadLimitAnswer } from "@xtrace/contract";
import type { z } from "zod";
import type { QueryEnv } from "./routes/route.ts";

const ERRORS = {
  400: "A parameter is wrong; `details` names it.",
  401: "No valid key.",
  403: "The key may not do this.",
  404: "Not in the key's project.",
  409: "Something else has this name or id.",
  413: "The body is too large.",
  415: "The body has an encoding that is not read here.",
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
    json(ERRORS[status], status === 429 ? ReadLimitAnswer : ErrorAnswer),
  ]);
  return Object.fromEntries(entries) as Record<
    Status | (typeof OF_EVERY_ROUTE)[number],
    ReturnType<typeof json<typeof ErrorAnswer>>
  >;
}

const OF_EVERY_ROUTE = [400, 429, 503] as const;

type Document = ReturnType<OpenAPIHono<QueryEnv>["getOpenAPI31Document"]>;

/** The description of all routes of `app`, and of what is answered on their behalf before any of them is asked. */
function describeApi(app: OpenAPIHono<QueryEnv>, options: { readonly version: string }): Document {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "xtrace API", version: options.version },
    security: [{ Basic: [] }, { Bearer: [] }],
  });
  for (const item of Object.values(document.paths ?? {})) {
    for (const operation of [item.get, item.put, item.post, item.patch, item.delete]) {
      if (operation) operation.responses = { ...answersBefore(operation.requestBody), ...operation.responses };
    }
  }
  return document;
}

/** Of Node's server, and of readJsonBodies. */
function answersBefore(requestBody: object | undefined) {
  const takesJson = requestBody && "content" in requestBody && "application/json" in (requestBody.content as object);
  const error = (status: 413 | 415) => ({
    description: ERRORS[status],
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  });
  return {
    408: { description: "The header did not come within 10 s, or the request within 30 s." },
    ...(takesJson && { 413: error(413), 415: error(415) }),
    431: { description: "The header, with the URL, is too large." },
  };
}

/** Serves the description of all routes of `app`. It is made once, at the first request. */
export function serveOpenApi(app: OpenAPIHono<QueryEnv>, options: { readonly version: string }): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "Basic", {
    type: "http",
    scheme: "basic",
    description: "Public key and secret key.",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "Bearer", { type: "http", scheme: "bearer" });
  let document: Document | undefined;
  app.get("/openapi.json", (c) => {
    document ??= describeApi(app, options);
    return c.json(document);
  });
}
