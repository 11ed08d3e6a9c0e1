import type { BenchTrace } from "./trace-generator.ts";

/** As Langfuse's SDKs up to version 3 send it: one envelope a trace and an observation. */
export function langfuseBody(trace: BenchTrace) {
  const timestamp = new Date(trace.startMs).toISOString();
  const envelope = (type: string, id: string, body: object) => ({ id: `event-${id}`, type, timestamp, body });
  return {
    batch: [
      envelope("trace-create", trace.id, {
        id: trace.id,
        timestamp,
        name: trace.name,
        userId: trace.userId,
        sessionId: trace.sessionId,
        tags: trace.tags,
        environment: "production",
      }),
      ...trace.observations.map((observation) => {
        const { id, parentId, type, name, startMs, endMs, model, input, output, usage, metadata } = observation;
        return envelope(type === "GENERATION" ? "generation-create" : "span-create", id, {
          id,
          traceId: trace.id,
          ...(parentId !== undefined && { parentObservationId: parentId }),
          name,
          startTime: new Date(startMs).toISOString(),
          endTime: new Date(endMs).toISOString(),
          environment: "production",
          ...(model !== undefined && { model, modelParameters: { temperature: 0.2, max_tokens: 1024 } }),
          input,
          output,
          ...(usage && { usageDetails: usage }),
          metadata,
        });
      }),
    ],
    metadata: { sdk_name: "langfuse-js", sdk_version: "3.38.4", batch_size: trace.observations.length + 1 },
  };
}
