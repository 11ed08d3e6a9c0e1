import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { AppError } from "./app-error.ts";
import type { Logger } from "./logger.ts";

/** Any thrown value as the failure that the caller is told of. What is not an AppError is a bug and is logged here. */
export function toAppError(error: unknown, log: Logger, context: { method: string; path: string; requestId?: string }) {
  if (error instanceof AppError) return error;
  if (error instanceof HTTPException && error.status < 500) {
    return new AppError("BAD_REQUEST", error.message || "Bad request", { cause: error });
  }
  log.error({ err: error, ...context }, "unexpected error");
  return new AppError("INTERNAL_ERROR", "Internal server error", { cause: error });
}

/** For `app.onError`: JSON body, status, and Retry-After or WWW-Authenticate where they belong. */
export function errorHandler(log: Logger) {
  return function onError(error: unknown, c: Context): Response {
    const requestId = requestIdOf(c);
    const failure = toAppError(error, log, {
      method: c.req.method,
      path: c.req.path,
      ...(requestId === undefined ? {} : { requestId }),
    });
    setErrorHeaders(c, failure);
    return c.json(failure.toBody(requestId), failure.status);
  };
}

export function setErrorHeaders(c: Context, failure: AppError): void {
  for (const [name, value] of Object.entries(failure.headers)) c.header(name, value);
  if (failure.retryAfterSeconds !== undefined) c.header("Retry-After", String(failure.retryAfterSeconds));
  if (failure.code === "UNAUTHORIZED") c.header("WWW-Authenticate", 'Basic realm="xtrace", Bearer');
}

export function notFoundHandler(c: Context): Response {
  const failure = new AppError("NOT_FOUND", `No route ${c.req.method} ${c.req.path}`);
  return c.json(failure.toBody(requestIdOf(c)), failure.status);
}

function requestIdOf(c: Context): string | undefined {
  const requestId: unknown = c.get("requestId");
  return typeof requestId === "string" ? requestId : undefined;
}
