import { countEvents, type BatchAnswer } from "@xtrace/contract";
import { AppError, requireScope, readJson } from "@xtrace/runtime";
import { Hono, type Context } from "hono";
import { requestIds } from "../fields/derived-id.ts";
import type { GatewayEnv, ProtocolDeps } from "../protocol.ts";
import { decodeBatch, type Decoded } from "./decode-batch.ts";
import { decodeMetrics } from "./decode-metrics.ts";

/**
 * The native write endpoints, as the clients of the Rust system call them.
 *
 * 200 means that the queue has every item but those that `details` names; a request of which
 * nothing could be used is a 400. An empty request is a success.
 */
export function xtraceRoutes(deps: ProtocolDeps): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .post("/v1/l/batch", async (c) => {
      const { projectId } = writer(c);
      const { body, bytes } = await readJson(c.req.raw, deps.limits);
      c.set("bodyBytes", bytes.length);
      const idAt = requestIds(projectId, bytes);
      const decoded = decodeBatch(body, { projectId, receivedAtUs: deps.nowUs(), idAt });
      return answer(c, deps, decoded, bytes.length);
    })
    .post("/v1/metrics/batch", async (c) => {
      const { projectId } = writer(c);
      const { body, bytes } = await readJson(c.req.raw, deps.limits);
      c.set("bodyBytes", bytes.length);
      return answer(c, deps, decodeMetrics(body, requestIds(projectId, bytes)), bytes.length);
    });
}

function writer(c: Context<GatewayEnv>) {
  const identity = c.get("identity");
  requireScope(identity, "ingest");
  return identity;
}

async function answer(
  c: Context<GatewayEnv>,
  { accept, reject, log }: ProtocolDeps,
  decoded: Decoded,
  bodyBytes: number,
) {
  const { events, rejections } = decoded;
  const { count, details } = rejections;
  const accepted = countEvents(events);
  const { projectId, keyId } = c.get("identity");
  if (count > 0) reject(count, "invalid");
  if (count > 0) log.info({ projectId, keyId, accepted, rejected: count }, "batch");
  if (count > 0 && accepted === 0) throw new AppError("BAD_REQUEST", "Invalid request data", { details });
  if (accepted > 0) await accept(projectId, events, bodyBytes);
  const told: BatchAnswer = { message: "Request Successful.", ...(count > 0 ? { rejected: count, details } : {}) };
  return c.json(told);
}
