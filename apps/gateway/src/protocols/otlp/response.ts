import type { ErrorCode } from "@xtrace/contract";
import { setErrorHeaders, type AppError } from "@xtrace/runtime";
import type { Context } from "hono";
import type { OtlpEncoding } from "./decode.ts";
import { writeBytesField, writeVarintField } from "./protobuf-writer.ts";

/*
 * OTLP answers in the encoding of the request.
 *
 * Source: OTLP 1.x, "OTLP/HTTP Response"; opentelemetry-proto, collector/trace/v1/trace_service.proto;
 * google/rpc/status.proto and error_details.proto
 */

const ENCODINGS: Readonly<Record<string, OtlpEncoding>> = {
  "": "json",
  "application/json": "json",
  "application/x-protobuf": "protobuf",
  "application/protobuf": "protobuf",
};

function mediaTypeOf(c: Context): string {
  return c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
}

/** The encoding that the request declares; JSON when it declares none, `undefined` for any other. */
export function encodingOf(c: Context): OtlpEncoding | undefined {
  const mediaType = mediaTypeOf(c);
  return Object.hasOwn(ENCODINGS, mediaType) ? ENCODINGS[mediaType] : undefined;
}

/** All taken: an ExportTraceServiceResponse with nothing in it. */
export function successResponse(c: Context): Response {
  return answer(c, 200, {}, () => Buffer.alloc(0));
}

/** Some spans were rejected for good, or none but the sender should know something. */
export function partialSuccessResponse(c: Context, rejected: number, errorMessage: string): Response {
  const body = {
    // An int64 is a string in protobuf's JSON.
    partialSuccess: { ...(rejected === 0 ? {} : { rejectedSpans: String(rejected) }), errorMessage },
  };
  return answer(c, 200, body, () =>
    writeBytesField(
      1,
      Buffer.concat([
        rejected === 0 ? Buffer.alloc(0) : writeVarintField(1, rejected),
        writeBytesField(2, errorMessage),
      ]),
    ),
  );
}

/** Any failure as a google.rpc.Status, for whoever answers on an OTLP path. */
export function otlpErrorResponse(c: Context, failure: AppError): Response {
  setErrorHeaders(c, failure);
  const code = GRPC_CODES[failure.code];
  const violations = failure.details.map(({ path, message }) => ({ field: path, description: message }));
  const body = {
    code,
    message: failure.message,
    ...(violations.length === 0 ? {} : { details: [{ "@type": BAD_REQUEST_TYPE, fieldViolations: violations }] }),
  };
  return answer(c, failure.status, body, () =>
    Buffer.concat([
      writeVarintField(1, code),
      writeBytesField(2, failure.message),
      ...(violations.length === 0 ? [] : [writeBytesField(3, badRequestAny(violations))]),
    ]),
  );
}

/** Source: google/rpc/code.proto */
const GRPC_CODES: Readonly<Record<ErrorCode, number>> = {
  BAD_REQUEST: 3,
  INVALID_JSON: 3,
  TOO_DEEP: 3,
  NON_FINITE: 3,
  UNSUPPORTED_MEDIA_TYPE: 3,
  NOT_FOUND: 5,
  CONFLICT: 6,
  FORBIDDEN: 7,
  PAYLOAD_TOO_LARGE: 8,
  TOO_MANY_REQUESTS: 8,
  METHOD_NOT_ALLOWED: 12,
  INTERNAL_ERROR: 13,
  SERVICE_UNAVAILABLE: 14,
  UNAUTHORIZED: 16,
};

const BAD_REQUEST_TYPE = "type.googleapis.com/google.rpc.BadRequest";

type Violation = { readonly field: string; readonly description: string };

/** A google.protobuf.Any that holds a google.rpc.BadRequest. */
function badRequestAny(violations: readonly Violation[]): Buffer {
  const badRequest = violations.map(({ field, description }) =>
    writeBytesField(1, Buffer.concat([writeBytesField(1, field), writeBytesField(2, description)])),
  );
  return Buffer.concat([writeBytesField(1, BAD_REQUEST_TYPE), writeBytesField(2, Buffer.concat(badRequest))]);
}

/** In the request's content type; in JSON when that is none of ours. */
function answer(c: Context, status: AppError["status"] | 200, body: object, encode: () => Buffer): Response {
  if (encodingOf(c) !== "protobuf") return c.json(body, status);
  return c.body(new Uint8Array(encode()), status, { "Content-Type": mediaTypeOf(c) });
}
