import type { RejectedItems, RpcStatus } from "@xtrace/contract";
import { setErrorHeaders, type AppError } from "@xtrace/runtime";
import type { Context } from "hono";
import type { OtlpEncoding } from "./decode.ts";
import { writeBytesField, writeVarintField } from "./protobuf-writer.ts";
import { BAD_REQUEST_TYPE, rpcCodeOf, rpcStatus, violationsOf } from "./rpc-status.ts";
import type { Signal } from "./signal.ts";

/*
 * OTLP answers in the encoding of the request.
 *
 * Source: OTLP 1.x, "OTLP/HTTP Response"; opentelemetry-proto, collector/…/v1/…_service.proto
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

/** All taken: an Export…ServiceResponse with nothing in it. */
export function successResponse(c: Context): Response {
  return answer(c, 200, {}, () => Buffer.alloc(0));
}

/** What the signals count in a partial success. */
const REJECTED: Readonly<Record<Signal["name"], RejectedItems>> = {
  traces: "rejectedSpans",
  logs: "rejectedLogRecords",
  metrics: "rejectedDataPoints",
};

/** Some items were rejected for good, or none but the sender should know something. */
export function partialSuccessResponse(c: Context, { name }: Signal, rejected: number, errorMessage: string): Response {
  const body = {
    // An int64 is a string in protobuf's JSON.
    partialSuccess: { ...(rejected === 0 ? {} : { [REJECTED[name]]: String(rejected) }), errorMessage },
  };
  return answer(c, 200, body, () => partialSuccess(rejected, errorMessage));
}

/** An Export…ServiceResponse, of which all signals have the same field numbers. */
export function partialSuccess(rejected: number, errorMessage: string): Buffer {
  const count = rejected === 0 ? Buffer.alloc(0) : writeVarintField(1, rejected);
  return writeBytesField(1, Buffer.concat([count, writeBytesField(2, errorMessage)]));
}

/** Any failure as a google.rpc.Status, for whoever answers on an OTLP path. */
export function otlpErrorResponse(c: Context, failure: AppError): Response {
  setErrorHeaders(c, failure);
  const code = rpcCodeOf(failure);
  const violations = violationsOf(failure);
  const body: RpcStatus = {
    code,
    message: failure.message,
    ...(violations.length === 0 ? {} : { details: [{ "@type": BAD_REQUEST_TYPE, fieldViolations: violations }] }),
  };
  return answer(c, failure.status, body, () => rpcStatus(failure));
}

/** In the request's content type; in JSON when that is none of ours. */
function answer(c: Context, status: AppError["status"] | 200, body: object, encode: () => Buffer): Response {
  if (encodingOf(c) !== "protobuf") return c.json(body, status);
  return c.body(new Uint8Array(encode()), status, { "Content-Type": mediaTypeOf(c) });
}
