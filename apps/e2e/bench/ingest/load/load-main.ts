/*
 * The load process: makes the bodies before the clock starts, then sends them. A process of its own,
 * so that its work is not taken for the system's.
 */
import { FORMATS } from "../workload/formats.ts";
import { generateTrace } from "../workload/trace-generator.ts";
import type { LoadOrder, LoadReport, Workload } from "./messages.ts";
import { createBacklog } from "./backlog.ts";
import { saturate, type Batch } from "./saturate.ts";

let batch: Batch | undefined;
const backlog = createBacklog();

process.on("message", (order: LoadOrder) => void obey(order).catch((error: unknown) => fail(error)));
process.on("disconnect", () => process.exit(0));

async function obey(order: LoadOrder): Promise<void> {
  switch (order.kind) {
    case "prepare":
      batch = prepare(order.workload);
      return report({ kind: "prepared", bytes: batch.bodies.reduce((sum, body) => sum + body.length, 0) });
    case "saturate":
      if (!batch) throw new Error("nothing is prepared");
      return report({ kind: "saturated", result: await saturate(batch, order.order, backlog) });
    case "stored":
      return backlog.stored(order.observations);
  }
}

function prepare({ format, bodies, seed, baseMs, ...shape }: Workload): Batch {
  const { path, headers, encode } = FORMATS[format];
  const encoded = Array.from({ length: bodies }, (_, index) => encode(generateTrace(shape, seed, index, baseMs)));
  return { path, headers, bodies: encoded, observationsPerBody: shape.observations };
}

function report(message: LoadReport): void {
  process.send?.(message);
}

function fail(error: unknown): void {
  report({ kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
