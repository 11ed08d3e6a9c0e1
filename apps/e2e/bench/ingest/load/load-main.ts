/*
 * The load process: makes the bodies before the clock starts, then sends them. A process of its own,
 * so that its work is not taken for the system's.
 */
import { FORMATS } from "../workload/formats.ts";
import { generateTrace, type BenchTrace } from "../workload/trace-generator.ts";
import type { LoadOrder, LoadReport, Workload } from "./messages.ts";
import { createBacklog } from "./backlog.ts";
import { pace } from "./pace.ts";
import { saturate, type Batch } from "./saturate.ts";

let batch: Batch | undefined;
let pacing = new AbortController();
const backlog = createBacklog();

process.on("message", (order: LoadOrder) => void obey(order).catch((error: unknown) => fail(error)));
process.on("disconnect", () => process.exit(0));

async function obey(order: LoadOrder): Promise<void> {
  switch (order.kind) {
    case "prepare":
      batch = prepare(order.workload);
      return report({ kind: "prepared", bytes: batch.bodies.reduce((sum, body) => sum + body.length, 0) });
    case "saturate":
      return report({ kind: "saturated", result: await saturate(prepared(), order.order, backlog) });
    case "pace":
      pacing = new AbortController();
      return report({ kind: "paced", result: await pace(prepared(), order.order, pacing.signal) });
    case "stop":
      return pacing.abort();
    case "stored":
      return backlog.stored(order.observations);
  }
}

function prepared(): Batch {
  if (!batch) throw new Error("nothing is prepared");
  return batch;
}

function prepare(workload: Workload): Batch {
  const { path, headers, encode } = FORMATS[workload.format];
  const bodies = Array.from({ length: workload.bodies }, (_, index) => encode(traceOf(workload, index)));
  const observationIdOf = (index: number) => traceOf(workload, index).observations.at(-1)?.id ?? "";
  return { path, headers, bodies, observationsPerBody: workload.observations, observationIdOf };
}

function traceOf(workload: Workload, index: number): BenchTrace {
  const { seed, baseMs, firstBody = 0, growingTraces } = workload;
  const trace = generateTrace(workload, seed, firstBody + index, baseMs);
  if (growingTraces === undefined) return trace;
  return { ...generateTrace(workload, seed, index % growingTraces, baseMs), observations: trace.observations };
}

function report(message: LoadReport): void {
  process.send?.(message);
}

function fail(error: unknown): void {
  report({ kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
