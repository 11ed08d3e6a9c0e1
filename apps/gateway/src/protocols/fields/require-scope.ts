import type { Scope } from "@xtrace/contract";
import { AppError, type Identity } from "@xtrace/runtime";

/** Throws FORBIDDEN unless the key has at least one of `scopes`. */
export function requireScope(identity: Identity, ...scopes: readonly Scope[]): void {
  if (scopes.some((scope) => identity.scopes.includes(scope))) return;
  throw new AppError("FORBIDDEN", `This key lacks the scope "${scopes[0]}"`);
}
