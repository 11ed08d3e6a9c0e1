import type { Context } from "hono";
import { AppError } from "./app-error.ts";
import { notFoundHandler } from "./error-response.ts";

/** For `app.notFound`: a path that is served by other methods answers 405 and names them, any other 404. */
export function unservedHandler(methodsOf: (path: string) => readonly string[]) {
  return function unserved(c: Context): Response {
    const methods = methodsOf(c.req.path);
    if (methods.length === 0) return notFoundHandler(c);
    throw new AppError("METHOD_NOT_ALLOWED", "Method not allowed", { headers: { Allow: methods.join(", ") } });
  };
}
