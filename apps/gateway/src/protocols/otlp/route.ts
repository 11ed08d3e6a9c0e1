import { AppError, toAppError, requireScope, readBody } from "@xtrace/runtime";
import { Hono, type Context } from "hono";
import type { GatewayEnv, ProtocolDeps } from "../protocol.ts";
import { decodeOtlp } from "./decode.ts";
import { OTLP_PATHS } from "./otlp-paths.ts";
import { encodingOf, otlpErrorResponse, partialSuccessResponse, successResponse } from "./response.ts";

export { otlpErrorResponse };

/**
 * OTLP/HTTP for traces, in protobuf and JSON.
 *
 * `200` means that the queue has every span that was not rejected. Senders repeat a request whose
 * answer they missed, and its events are equal to the first ones, so nothing is stored twice.
 */
export function otlpRoutes(deps: ProtocolDeps): Hono<GatewayEnv> {
  const routes = new Hono<GatewayEnv>();
  for (const path of OTLP_PATHS) {
    routes.post(path, async (c) => {
      try {
        return await takeExport(c, deps);
      } catch (error) {
        const requestId = c.get("requestId");
        return otlpErrorResponse(c, toAppError(error, deps.log, { method: c.req.method, path, requestId }));
      }
    });
  }
  return routes;
}

async function takeExport(c: Context<GatewayEnv>, deps: ProtocolDeps): Promise<Response> {
  const { projectId, keyId } = c.get("identity");
  requireScope(c.get("identity"), "ingest");
  const encoding = encodingOf(c);
  if (!encoding) {
    throw new AppError("UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/x-protobuf or application/json");
  }
  const body = await readBody(c.req.raw, deps.limits);
  c.set("bodyBytes", body.length);
  const { events, rejected, reason } = decodeOtlp(body, encoding, { nowUs: deps.nowUs() });
  const accepted = events.observations.length;
  if (rejected > 0) deps.reject(rejected, "invalid");
  if (reason !== undefined) deps.log.info({ projectId, keyId, accepted, rejected, reason }, "otlp export");
  if (accepted > 0) await deps.accept(projectId, events, body.length);
  return reason === undefined ? successResponse(c) : partialSuccessResponse(c, rejected, reason);
}
