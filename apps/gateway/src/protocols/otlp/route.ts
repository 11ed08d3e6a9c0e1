import { AppError, toAppError, requireScope, readBody } from "@xtrace/runtime";
import { Hono, type Context } from "hono";
import type { GatewayEnv, ProtocolDeps } from "../protocol.ts";
import { pathsOf } from "./otlp-paths.ts";
import { encodingOf, otlpErrorResponse, partialSuccessResponse, successResponse } from "./response.ts";
import { SIGNALS, type Signal } from "./signal.ts";
import { takeExport } from "./take-export.ts";

export { otlpErrorResponse };

/**
 * OTLP/HTTP for traces, logs and metrics, in protobuf and JSON.
 *
 * `200` means that the queue has everything that was not rejected. Senders repeat a request whose
 * answer they missed, and its events are equal to the first ones, so nothing is stored twice.
 */
export function otlpRoutes(deps: ProtocolDeps): Hono<GatewayEnv> {
  const routes = new Hono<GatewayEnv>();
  for (const signal of SIGNALS) {
    for (const path of pathsOf(signal)) {
      routes.post(path, async (c) => {
        try {
          return await answerExport(c, signal, deps);
        } catch (error) {
          const requestId = c.get("requestId");
          return otlpErrorResponse(c, toAppError(error, deps.log, { method: c.req.method, path, requestId }));
        }
      });
    }
  }
  return routes;
}

async function answerExport(c: Context<GatewayEnv>, signal: Signal, deps: ProtocolDeps): Promise<Response> {
  const identity = c.get("identity");
  requireScope(identity, "ingest");
  const encoding = encodingOf(c);
  if (!encoding) {
    throw new AppError("UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/x-protobuf or application/json");
  }
  refuseNewerSdk(c.req.header("x-langfuse-ingestion-version"));
  const body = await readBody(c.req.raw, deps.limits);
  c.set("bodyBytes", body.length);
  const { rejected, reason } = await takeExport(signal, body, encoding, identity, deps);
  return reason === undefined ? successResponse(c) : partialSuccessResponse(c, signal, rejected, reason);
}

/** The newest way in which Langfuse's SDKs write spans. Source: Langfuse's OTLP endpoint, which refuses what is above. */
const INGESTION_VERSION = 4;

function refuseNewerSdk(version: string | undefined): void {
  if (!version) return;
  const number = Number.parseInt(version, 10);
  if (number <= INGESTION_VERSION) return;
  throw new AppError(
    "BAD_REQUEST",
    `x-langfuse-ingestion-version is not supported: ${INGESTION_VERSION} is the newest that is`,
  );
}
