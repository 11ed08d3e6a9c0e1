import { Metadata, status, type StatusObject } from "@grpc/grpc-js";
import type { AppError } from "@xtrace/runtime";
import { CODE_NAMES, rpcStatusWithRetry } from "../rpc-status.ts";

/**
 * A failure as a call's status, with a google.rpc.Status in its trailer: clients retry
 * RESOURCE_EXHAUSTED only when that tells them when, and wait as long as it says with UNAVAILABLE.
 *
 * Source: OTLP 1.x, "OTLP/gRPC Throttling"
 */
export function callStatus(failure: AppError): StatusObject {
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", rpcStatusWithRetry(failure));
  return { code: status[CODE_NAMES[failure.code]], details: failure.message, metadata };
}
