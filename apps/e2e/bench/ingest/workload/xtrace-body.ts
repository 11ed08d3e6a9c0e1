import type { BenchObservation, BenchTrace } from "./trace-generator.ts";

/** As the SDKs of xtrace send it to `/v1/l/batch`. */
export function xtraceBody(trace: BenchTrace) {
  return {
    trace: {
      id: trace.id,
      timestamp: new Date(trace.startMs).toISOString(),
      name: trace.name,
      userId: trace.userId,
      sessionId: trace.sessionId,
      tags: trace.tags,
      environment: "production",
    },
    observations: trace.observations.map((observation) => xtraceObservation(trace.id, observation)),
  };
}

function xtraceObservation(traceId: string, observation: BenchObservation) {
  const { id, parentId, type, name, startMs, endMs, model, input, output, usage, metadata } = observation;
  return {
    id,
    traceId,
    parentObservationId: parentId ?? null,
    type,
    name,
    startTime: new Date(startMs).toISOString(),
    endTime: new Date(endMs).toISOString(),
    level: "DEFAULT",
    environment: "production",
    ...(model !== undefined && { model, modelParameters: { temperature: 0.2, max_tokens: 1024 } }),
    input,
    output,
    ...(usage && { usage: { ...usage, unit: "TOKENS" } }),
    metadata,
  };
}
