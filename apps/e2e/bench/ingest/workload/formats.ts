import { gzipSync } from "node:zlib";
import { langfuseBody } from "./langfuse-body.ts";
import { otlpJson, otlpProtobuf } from "./otlp-body.ts";
import type { BenchTrace } from "./trace-generator.ts";
import { xtraceBody } from "./xtrace-body.ts";

type Format = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** One trace as one request's body. */
  encode(trace: BenchTrace): Uint8Array;
};

const JSON_HEADERS = { "content-type": "application/json" };

export const FORMATS = {
  xtrace: {
    path: "/v1/l/batch",
    headers: JSON_HEADERS,
    encode: (trace) => Buffer.from(JSON.stringify(xtraceBody(trace))),
  },
  langfuse: {
    path: "/api/public/ingestion",
    headers: JSON_HEADERS,
    encode: (trace) => Buffer.from(JSON.stringify(langfuseBody(trace))),
  },
  "otlp-json": { path: "/api/public/otel/v1/traces", headers: JSON_HEADERS, encode: otlpJson },
  "otlp-protobuf": {
    path: "/api/public/otel/v1/traces",
    headers: { "content-type": "application/x-protobuf", "content-encoding": "gzip" },
    encode: (trace) => gzipSync(otlpProtobuf(trace)),
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;
