import { SpanKind, SpanStatusCode, TraceFlags, type HrTime, type SpanContext } from "@opentelemetry/api";
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { BenchObservation, BenchTrace } from "./trace-generator.ts";

const RESOURCE = resourceFromAttributes({ "service.name": "bench", "deployment.environment.name": "production" });
const SCOPE = { name: "langfuse-sdk", version: "5.11.1" };

/** By OpenTelemetry's own serializers, which is what its exporters put on the wire. */
export function otlpJson(trace: BenchTrace): Uint8Array {
  return written(JsonTraceSerializer.serializeRequest(spansOf(trace)));
}

export function otlpProtobuf(trace: BenchTrace): Uint8Array {
  return written(ProtobufTraceSerializer.serializeRequest(spansOf(trace)));
}

function written(body: Uint8Array | undefined): Uint8Array {
  if (!body) throw new Error("OpenTelemetry wrote nothing");
  return body;
}

function spansOf(trace: BenchTrace): ReadableSpan[] {
  return trace.observations.map((observation) => spanOf(trace, observation));
}

function spanOf(trace: BenchTrace, observation: BenchObservation): ReadableSpan {
  const { id, parentId, name, startMs, endMs } = observation;
  const contextOf = (spanId: string): SpanContext => ({ traceId: trace.id, spanId, traceFlags: TraceFlags.SAMPLED });
  return {
    name,
    kind: SpanKind.INTERNAL,
    spanContext: () => contextOf(id),
    ...(parentId !== undefined && { parentSpanContext: contextOf(parentId) }),
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    duration: hrTime(endMs - startMs),
    status: { code: SpanStatusCode.UNSET },
    attributes: attributesOf(trace, observation),
    links: [],
    events: [],
    ended: true,
    resource: RESOURCE,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** As Langfuse's SDKs set them, which repeat what they know of the trace on every span. */
function attributesOf(trace: BenchTrace, { type, model, input, output, usage, metadata }: BenchObservation) {
  return {
    "langfuse.trace.name": trace.name,
    "user.id": trace.userId,
    "session.id": trace.sessionId,
    "langfuse.trace.tags": [...trace.tags],
    "langfuse.environment": "production",
    "langfuse.observation.type": type.toLowerCase(),
    "langfuse.observation.input": JSON.stringify(input),
    "langfuse.observation.output": output,
    ...(model !== undefined && {
      "langfuse.observation.model.name": model,
      "langfuse.observation.model.parameters": JSON.stringify({ temperature: 0.2, max_tokens: 1024 }),
    }),
    ...(usage && { "langfuse.observation.usage_details": JSON.stringify(usage) }),
    ...Object.fromEntries(
      Object.entries(metadata).map(([key, value]) => [`langfuse.observation.metadata.${key}`, value]),
    ),
  };
}

function hrTime(ms: number): HrTime {
  return [Math.floor(ms / 1_000), (ms % 1_000) * 1_000_000];
}
