import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import {
  ConfigError,
  identify,
  messageOf,
  requireScope,
  toAppError,
  type Address,
  type AppError,
  type HttpServer,
  type Identity,
  type KeyRing,
  type OpenAccess,
  type RateGate,
} from "@xtrace/runtime";
import type { GatewayMetrics } from "../../../gateway-metrics.ts";
import type { ProtocolDeps } from "../../protocol.ts";
import { partialSuccess } from "../response.ts";
import { LOGS, METRICS, TRACES, type Signal } from "../signal.ts";
import { takeExport } from "../take-export.ts";
import { callStatus } from "./call-status.ts";
import { guardCalls } from "./guard-calls.ts";

export type GrpcDeps = ProtocolDeps & {
  readonly keyRing: KeyRing;
  readonly open: OpenAccess | null;
  /** Throws the failure that a request is answered with while the queue may not be given more. */
  readonly refuseWhenFull: () => void;
  /** `null`: no limit. */
  readonly rateGate: RateGate | null;
  readonly gatewayMetrics: Pick<GatewayMetrics, "request">;
};

type Call = ServerUnaryCall<Buffer, Buffer>;
type Response = { readonly message?: Buffer; readonly failure?: AppError; readonly status: number };

/** Source: opentelemetry-proto, collector/…/v1/…_service.proto */
const SERVICES: ReadonlyArray<readonly [Signal, path: string]> = [
  [TRACES, "/opentelemetry.proto.collector.trace.v1.TraceService/Export"],
  [LOGS, "/opentelemetry.proto.collector.logs.v1.LogsService/Export"],
  [METRICS, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"],
];

/** For one connection; the OpenTelemetry Collector has ten exports under way by default. */
const MAX_CALLS_AT_ONCE = 100;
/** Longer than a process takes to stop: whatever is left is cut by `close`. */
const DRAIN_MS = 60_000;

/**
 * OTLP over gRPC: the three Export calls, with the keys, limits and promises that HTTP has. The
 * messages are decoded by our own reader, so gRPC hands them over as bytes.
 *
 * Both limits on bodies are one here, `maxInflatedBytes`: gRPC measures a message as it was sent and as it
 * inflates by the same number. Rejects with ConfigError when the address cannot be taken.
 */
export async function openGrpcServer(deps: GrpcDeps, { host, port }: Address): Promise<HttpServer> {
  const { keyRing, open, rateGate, log } = deps;

  function identityOf(path: string, authorization: string | undefined): Identity {
    const signal = signalOf(path);
    return identify(keyRing, open, `/v1/${signal.name}`, authorization);
  }

  async function admit(path: string, authorization: string | undefined): Promise<void> {
    const identity = identityOf(path, authorization);
    deps.refuseWhenFull();
    requireScope(identity, "ingest");
    const { failure } = (await rateGate?.take(identity)) ?? {};
    if (failure) throw failure;
  }

  const failureOf = (path: string, error: unknown) => toAppError(error, log, { method: "gRPC", path });
  const refused = (path: string, error: unknown): AppError => {
    const failure = failureOf(path, error);
    deps.gatewayMetrics.request(path, failure.status, 0);
    return failure;
  };

  async function answer(call: Call, signal: Signal, path: string): Promise<Buffer> {
    const identity = identityOf(path, call.metadata.get("authorization")[0]?.toString());
    rateGate?.charge(identity, call.request.length);
    const { rejected, reason } = await takeExport(signal, call.request, "protobuf", identity, deps);
    return reason === undefined ? Buffer.alloc(0) : partialSuccess(rejected, reason);
  }

  const server = new Server({
    interceptors: [guardCalls(admit, refused)],
    "grpc.max_receive_message_length": deps.limits.maxInflatedBytes,
    "grpc.max_concurrent_streams": MAX_CALLS_AT_ONCE,
  });

  async function respond(call: Call, signal: Signal, path: string): Promise<Response> {
    const startedAt = performance.now();
    const response = await answer(call, signal, path).then(
      (message) => ({ message, status: 200 }),
      (error: unknown) => {
        const failure = failureOf(path, error);
        return { failure, status: failure.status };
      },
    );
    deps.gatewayMetrics.request(path, response.status, (performance.now() - startedAt) / 1_000);
    return response;
  }

  for (const [signal, path] of SERVICES) {
    const handle = async (call: Call, done: sendUnaryData<Buffer>) => {
      const { failure, message } = await respond(call, signal, path);
      if (failure) done(callStatus(failure));
      else done(null, message);
    };
    const definition = { path, requestStream: false, responseStream: false, ...RAW };
    server.addService(
      { Export: definition },
      { Export: (call: Call, done: sendUnaryData<Buffer>) => void handle(call, done) },
    );
  }
  return await bind(server, host, port);
}

const asIs = (bytes: Buffer) => bytes;
const RAW = { requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs };

function signalOf(path: string): Signal {
  return SERVICES.find(([, known]) => known === path)?.[0] ?? TRACES;
}

async function bind(server: Server, host: string, port: number): Promise<HttpServer> {
  const printedHost = host.includes(":") ? `[${host}]` : host;
  const boundPort = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${printedHost}:${port}`, ServerCredentials.createInsecure(), (cause, taken) => {
      if (cause) reject(new ConfigError(`Cannot listen on ${printedHost}:${port}: ${messageOf(cause)}`, { cause }));
      else resolve(taken);
    });
  });
  return {
    port: boundPort,
    url: `http://${printedHost}:${boundPort}`,
    // Clients whose connection ends that way open another one, by then at another gateway.
    startDraining: () => server.drain(`${printedHost}:${boundPort}`, DRAIN_MS),
    async close(drainMs) {
      const cut = setTimeout(() => server.forceShutdown(), drainMs);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(cut);
    },
  };
}
