import type { ErrorDetail } from "@xtrace/contract";
import type { z } from "zod";
import { AppError } from "./app-error.ts";

const MAX_DETAILS = 20;

/** Parses or throws BAD_REQUEST that names each bad field and never quotes its value. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, message = "Invalid request data"): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new AppError("BAD_REQUEST", message, { details: detailsOf(result.error) });
}

export function detailsOf(error: z.ZodError): ErrorDetail[] {
  return error.issues
    .slice(0, MAX_DETAILS)
    .map((issue) => ({ path: issue.path.map(String).join("."), message: issue.message }));
}
