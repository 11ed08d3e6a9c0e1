import type { ErrorCode } from "@xtrace/contract";
import type { AppError } from "@xtrace/runtime";
import { writeBytesField, writeVarintField } from "./protobuf-writer.ts";

/*
 * Failures as OTLP tells them, over HTTP in the body and over gRPC in a trailer.
 *
 * Source: google/rpc/status.proto, code.proto, error_details.proto
 */

/** Those of google.rpc.Code that a failure may have. */
const CODES = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

export const CODE_NAMES: Readonly<Record<ErrorCode, keyof typeof CODES>> = {
  BAD_REQUEST: "INVALID_ARGUMENT",
  INVALID_JSON: "INVALID_ARGUMENT",
  TOO_DEEP: "INVALID_ARGUMENT",
  NON_FINITE: "INVALID_ARGUMENT",
  UNSUPPORTED_MEDIA_TYPE: "INVALID_ARGUMENT",
  NOT_FOUND: "NOT_FOUND",
  CONFLICT: "ALREADY_EXISTS",
  FORBIDDEN: "PERMISSION_DENIED",
  PAYLOAD_TOO_LARGE: "RESOURCE_EXHAUSTED",
  TOO_MANY_REQUESTS: "RESOURCE_EXHAUSTED",
  METHOD_NOT_ALLOWED: "UNIMPLEMENTED",
  INTERNAL_ERROR: "INTERNAL",
  SERVICE_UNAVAILABLE: "UNAVAILABLE",
  UNAUTHORIZED: "UNAUTHENTICATED",
};

export function rpcCodeOf({ code }: AppError): number {
  return CODES[CODE_NAMES[code]];
}

export const BAD_REQUEST_TYPE = "type.googleapis.com/google.rpc.BadRequest";
const RETRY_INFO_TYPE = "type.googleapis.com/google.rpc.RetryInfo";

export type Violation = { readonly field: string; readonly description: string };

export function violationsOf({ details }: AppError): Violation[] {
  return details.map(({ path, message }) => ({ field: path, description: message }));
}

/** A google.rpc.Status that names the fields which were wrong. */
export function rpcStatus(failure: AppError): Buffer {
  const violations = violationsOf(failure);
  return Buffer.concat([
    writeVarintField(1, rpcCodeOf(failure)),
    writeBytesField(2, failure.message),
    ...(violations.length === 0 ? [] : [writeBytesField(3, any(BAD_REQUEST_TYPE, badRequest(violations)))]),
  ]);
}

/** The same that tells when to try again as well, for which HTTP has a header. */
export function rpcStatusWithRetry(failure: AppError): Buffer {
  const { retryAfterSeconds } = failure;
  if (retryAfterSeconds === undefined) return rpcStatus(failure);
  return Buffer.concat([rpcStatus(failure), writeBytesField(3, any(RETRY_INFO_TYPE, retryInfo(retryAfterSeconds)))]);
}

function any(type: string, message: Buffer): Buffer {
  return Buffer.concat([writeBytesField(1, type), writeBytesField(2, message)]);
}

function badRequest(violations: readonly Violation[]): Buffer {
  return Buffer.concat(
    violations.map(({ field, description }) =>
      writeBytesField(1, Buffer.concat([writeBytesField(1, field), writeBytesField(2, description)])),
    ),
  );
}

/** Its delay is a google.protobuf.Duration. */
function retryInfo(seconds: number): Buffer {
  return writeBytesField(1, writeVarintField(1, seconds));
}
