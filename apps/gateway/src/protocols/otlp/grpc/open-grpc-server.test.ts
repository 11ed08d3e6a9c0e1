import { Client, compressionAlgorithms, credentials, Metadata, status, type ServiceError } from "@grpc/grpc-js";
import type { CanonicalEvents, RateBudgets } from "@xtrace/contract";
import {
  AppError,
  ConfigError,
  createKeyRing,
  createLogger,
  createMemoryRateLimiter,
  createMetrics,
  createRateGate,
  hashSecret,
  type HttpServer,
} from "@xtrace/runtime";
import { afterEach, describe, expect, test } from "vitest";
import type { Accept } from "../../protocol.ts";
import { NOW_US } from "../fixtures/decode-fixture.ts";
import { exportOf } from "../fixtures/export-of.ts";
import { logsOf, logsToProtobuf } from "../fixtures/logs-of.ts";
import { metricsToProtobuf } from "../fixtures/metrics-of.ts";
import { bytes, toProtobuf, varint } from "../fixtures/to-protobuf.ts";
import { openGrpcServer } from "./open-grpc-server.ts";

const TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
const METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

const basic = (key: string) => `Basic ${Buffer.from(key).toString("base64")}`;
const keyOf = (name: string, scopes: Array<"ingest" | "read">) => ({
  projectId: name,
  publicKey: name,
  secretHash: hashSecret("secret"),
  scopes,
});

const stops: Array<() => Promise<void> | void> = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

type Options = { accept?: Accept; isFull?: boolean; budgets?: Partial<RateBudgets>; open?: boolean; port?: number };

async function setup({ accept, isFull = false, budgets, open = false, port = 0 }: Options = {}) {
  const queued: Array<{ projectId: string; events: CanonicalEvents; bodyBytes: number }> = [];
  const answered: Array<[route: string, status: number]> = [];
  const metrics = createMetrics({ process: "test" });
  const limiter = budgets && createMemoryRateLimiter({ requests: null, bytes: null, ...budgets });
  const server = await openGrpcServer(
    {
      accept: accept ?? (async (projectId, events, bodyBytes) => void queued.push({ projectId, events, bodyBytes })),
      reject: () => {},
      limits: { maxBodyBytes: 5_000, maxInflatedBytes: 20_000 },
      nowUs: () => NOW_US,
      log: createLogger({ name: "test", level: "silent" }),
      keyRing: createKeyRing([keyOf("writer", ["ingest"]), keyOf("reader", ["read"])]),
      open: open ? { projectId: "open", paths: ["/v1/traces"], scopes: ["ingest"] } : null,
      refuseWhenFull: () => {
        if (isFull) throw new AppError("SERVICE_UNAVAILABLE", "The queue is full", { retryAfterSeconds: 3 });
      },
      rateGate: limiter ? createRateGate({ limiter, scope: "ingest", metrics }) : null,
      gatewayMetrics: { request: (route, code) => void answered.push([route, code]) },
    },
    { host: "127.0.0.1", port },
  );
  stops.push(() => server.close(1_000));
  return { server, queued, answered };
}

function clientOf({ port }: HttpServer, compression = compressionAlgorithms.identity): Client {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.default_compression_algorithm": compression,
  });
  stops.push(() => client.close());
  return client;
}

/** The answer, or the status that the call failed with. */
async function call(
  client: Client,
  path: string,
  body: Buffer,
  authorization: string | null = basic("writer:secret"),
): Promise<Buffer | ServiceError> {
  const metadata = new Metadata();
  if (authorization !== null) metadata.set("authorization", authorization);
  const asIs = (message: Buffer) => message;
  return await new Promise((resolve) => {
    client.makeUnaryRequest<Buffer, Buffer>(path, asIs, asIs, body, metadata, (error, answer) =>
      resolve(error ?? answer ?? Buffer.from("no answer")),
    );
  });
}

const detailsOf = (answer: Buffer | ServiceError) =>
  Buffer.isBuffer(answer) ? "" : String(answer.metadata.get("grpc-status-details-bin")[0]);
const RETRY_INFO = "google.rpc.RetryInfo";

const good = toProtobuf(exportOf([{}]));
const message = { eventName: "gen_ai.user.message", body: { content: "Hi" } };

describe("an export over gRPC", () => {
  test.each([
    ["traces", TRACES, good, "observations"],
    ["logs", LOGS, logsToProtobuf(logsOf([message])), "observations"],
    ["metrics", METRICS, metricsToProtobuf([{ name: "m", sum: [{ asInt: "1" }] }]), "metrics"],
  ] as const)("of %s is queued and answered with nothing", async (_, path, body, kind) => {
    const { server, queued, answered } = await setup();
    expect(await call(clientOf(server), path, body)).toEqual(Buffer.alloc(0));
    expect(queued).toMatchObject([{ projectId: "writer", bodyBytes: body.length }]);
    expect(queued[0]?.events[kind]).toHaveLength(1);
    expect(answered).toEqual([[path, 200]]);
  });

  test("may be compressed", async () => {
    const { server, queued } = await setup();
    const body = toProtobuf(exportOf([{ name: "x".repeat(5_000) }]));
    expect(await call(clientOf(server, compressionAlgorithms.gzip), TRACES, body)).toEqual(Buffer.alloc(0));
    expect(queued[0]?.bodyBytes).toBe(body.length);
  });

  test("may be empty", async () => {
    const { server, queued } = await setup();
    expect(await call(clientOf(server), TRACES, Buffer.alloc(0))).toEqual(Buffer.alloc(0));
    expect(queued).toEqual([]);
  });

  test("tells what was left out", async () => {
    const { server, queued } = await setup();
    const reason = "resourceSpans.0.scopeSpans.0.spans.1.traceId: expected 16 bytes, not all zero";
    const body = toProtobuf(exportOf([{}, { traceId: "ab" }]));
    expect(await call(clientOf(server), TRACES, body)).toEqual(
      bytes(1, Buffer.concat([varint(1, 1), bytes(2, reason)])),
    );
    expect(queued[0]?.events.observations).toHaveLength(1);
  });

  test("needs no key where HTTP needs none", async () => {
    const { server, queued } = await setup({ open: true });
    expect(await call(clientOf(server), TRACES, good, null)).toEqual(Buffer.alloc(0));
    expect(queued[0]?.projectId).toBe("open");
  });
});

describe("a failure", () => {
  test.each([
    ["no key", null, status.UNAUTHENTICATED],
    ["a wrong secret", basic("writer:wrong"), status.UNAUTHENTICATED],
    ["a key that may only read", basic("reader:secret"), status.PERMISSION_DENIED],
  ])("with %s", async (_, authorization, code) => {
    const { server, queued, answered } = await setup();
    const answer = await call(clientOf(server), TRACES, good, authorization);
    expect(answer).toMatchObject({ code });
    expect(detailsOf(answer)).not.toContain(RETRY_INFO);
    expect(queued).toEqual([]);
    expect(answered).toHaveLength(1);
  });

  test("of bytes that are no protobuf", async () => {
    const { server } = await setup();
    const answer = await call(clientOf(server), TRACES, Buffer.from([0xff]));
    expect(answer).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: "Body is not valid protobuf: it ends inside a field",
    });
  });

  test("of a message that is too large, also after inflating", async () => {
    const { server, queued } = await setup();
    const tooLarge = Buffer.alloc(20_001);
    for (const compression of [compressionAlgorithms.identity, compressionAlgorithms.gzip]) {
      const answer = await call(clientOf(server, compression), TRACES, tooLarge);
      expect(answer).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
      expect(detailsOf(answer)).not.toContain(RETRY_INFO);
    }
    expect(queued).toEqual([]);
  });

  test("of a full queue, before the message is read, tells when to come again", async () => {
    const { server, queued } = await setup({ isFull: true });
    const answer = await call(clientOf(server), TRACES, Buffer.from([0xff]));
    expect(answer).toMatchObject({ code: status.UNAVAILABLE, details: "The queue is full" });
    expect(detailsOf(answer)).toContain(RETRY_INFO);
    expect(queued).toEqual([]);
  });

  test("of a queue that cannot take it tells when to come again", async () => {
    const away = new AppError("SERVICE_UNAVAILABLE", "The queue is away", { retryAfterSeconds: 2 });
    const { server, answered } = await setup({ accept: () => Promise.reject(away) });
    const answer = await call(clientOf(server), TRACES, good);
    expect(answer).toMatchObject({ code: status.UNAVAILABLE, details: "The queue is away" });
    expect(detailsOf(answer)).toContain(RETRY_INFO);
    expect(answered).toEqual([[TRACES, 503]]);
  });

  test.each([
    ["requests", { requests: { perSecond: 0.1, burst: 1 } }],
    ["bytes", { bytes: { perSecond: 0.1, burst: 1 } }],
  ])("of a key that used up its %s tells when to come again", async (_, budgets) => {
    const { server, queued } = await setup({ budgets });
    const client = clientOf(server);
    expect(await call(client, TRACES, good)).toEqual(Buffer.alloc(0));
    const answer = await call(client, TRACES, good);
    expect(answer).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(detailsOf(answer)).toContain(RETRY_INFO);
    expect(queued).toHaveLength(1);
  });

  test("of a bug says nothing", async () => {
    const { server } = await setup({ accept: () => Promise.reject(new Error("secret detail")) });
    const answer = await call(clientOf(server), TRACES, good);
    expect(answer).toMatchObject({ code: status.INTERNAL, details: "Internal server error" });
  });

  test("of an unknown method", async () => {
    const { server } = await setup();
    expect(await call(clientOf(server), "/a.b/C", good)).toMatchObject({ code: status.UNIMPLEMENTED });
  });
});

test("an address that is taken is a bad setting", async () => {
  const { server } = await setup();
  await expect(setup({ port: server.port })).rejects.toThrow(ConfigError);
});

test("a call under way is answered when the server leaves, and no other one is taken", async () => {
  let release = () => {};
  const { server } = await setup({ accept: () => new Promise((resolve) => (release = resolve)) });
  const client = clientOf(server);
  const answer = call(client, TRACES, good);
  await new Promise((resolve) => setTimeout(resolve, 200));
  server.startDraining();
  const closed = server.close(5_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  release();
  expect(await answer).toEqual(Buffer.alloc(0));
  await closed;
  expect(await call(client, TRACES, good)).toMatchObject({ code: status.UNAVAILABLE });
});

test("a call that does not end is cut", async () => {
  const { server } = await setup({ accept: () => new Promise(() => {}) });
  const answer = call(clientOf(server), TRACES, good);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await server.close(50);
  expect(await answer).not.toBeInstanceOf(Buffer);
});
