import type { Scope } from "@xtrace/contract";
import { AppError, type KeyRing } from "@xtrace/runtime";
import { createMiddleware } from "hono/factory";
import type { QueryEnv } from "./routes/route.ts";

/** Sets `identity` from the Authorization header, or answers 401. */
export function authenticate(keyRing: KeyRing) {
  return createMiddleware<QueryEnv>(async function authenticate(c, next) {
    const identity = keyRing.identify(c.req.header("Authorization"));
    if (!identity) {
      throw new AppError("UNAUTHORIZED", "Unauthorized: no valid key in the Authorization header (Basic or Bearer)");
    }
    c.set("identity", identity);
    await next();
  });
}

/** Answers 403 unless the caller's key may do `scope`. Runs behind `authenticate`. */
export function requireScope(scope: Scope) {
  return createMiddleware<QueryEnv>(async function requireScope(c, next) {
    if (!c.get("identity").scopes.includes(scope)) {
      throw new AppError("FORBIDDEN", `This key lacks the scope "${scope}"`);
    }
    await next();
  });
}
