import { countEvents } from "@xtrace/contract";
import type { Identity } from "@xtrace/runtime";
import { requestIds } from "../fields/derived-id.ts";
import type { ProtocolDeps } from "../protocol.ts";
import { decodeOtlp, type DecodedExport, type OtlpEncoding } from "./decode.ts";
import { decodeLogs } from "./logs/decode-logs.ts";
import { decodeMetrics } from "./metrics/decode-metrics.ts";
import type { Signal } from "./signal.ts";

/** What is to be told of an export that was taken; `reason` is absent when there is nothing to tell. */
export type TakenExport = { readonly rejected: number; readonly reason?: string };

/**
 * Decodes an export and queues what is good of it. Resolves when the queue has all of that. Throws
 * AppError when nothing of it was taken, or not all of it: it may be sent again as it was, and
 * nothing is stored twice.
 */
export async function takeExport(
  signal: Signal,
  body: Uint8Array,
  encoding: OtlpEncoding,
  { projectId, keyId }: Identity,
  deps: ProtocolDeps,
): Promise<TakenExport> {
  const around = { nowUs: deps.nowUs(), idAt: requestIds(projectId, body) };
  const { events, rejected, unsupported = 0, reason } = DECODERS[signal.name](body, encoding, around);
  // What is said about traces comes with their spans.
  const accepted = countEvents(events) - events.traces.length;
  if (rejected > 0) deps.reject(rejected, "invalid");
  if (unsupported > 0) deps.reject(unsupported, "unsupported");
  if (reason !== undefined) {
    const told = { projectId, keyId, signal: signal.name, accepted, rejected, unsupported, reason };
    // What its sender is right to send is no news, and comes with every export.
    deps.log[rejected > 0 ? "info" : "debug"](told, "otlp export");
  }
  if (accepted > 0) await deps.accept(projectId, events, body.length);
  return { rejected: rejected + unsupported, ...(reason === undefined ? {} : { reason }) };
}

type Decode = (
  body: Uint8Array,
  encoding: OtlpEncoding,
  around: { readonly nowUs: number; readonly idAt: (position: number) => string },
) => DecodedExport;

const DECODERS: Readonly<Record<Signal["name"], Decode>> = {
  traces: decodeOtlp,
  logs: decodeLogs,
  metrics: decodeMetrics,
};
