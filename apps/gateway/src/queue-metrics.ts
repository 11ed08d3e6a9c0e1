import type { QueueReading } from "@xtrace/queue";
import { Gauge, type Metrics } from "@xtrace/runtime";
import type { Admission } from "./admission.ts";

export type QueueMetrics = { read(reading: QueueReading): void };

/** The queue as this process last read it. Every gateway tells the same: take one, or the maximum. */
export function createQueueMetrics({ registry }: Metrics, admission: Pick<Admission, "closed">): QueueMetrics {
  const registers = [registry];
  const jobs = new Gauge({
    name: "xtrace_queue_jobs",
    help: "Jobs in the queue, by state",
    labelNames: ["state"],
    registers,
  });
  const bytes = new Gauge({
    name: "xtrace_queue_bytes",
    help: "Payload in the queue, estimated by a sample",
    registers,
  });
  const oldestAge = new Gauge({
    name: "xtrace_queue_oldest_age_seconds",
    help: "Since the oldest job was queued",
    registers,
  });
  const memoryRatio = new Gauge({
    name: "xtrace_redis_memory_ratio",
    help: "Used memory of the fullest Redis by its maxmemory, or by the machine's memory where none is set",
    registers,
  });
  // Registered by its constructor, and asked when metrics are read.
  void new Gauge({
    name: "xtrace_queue_admission_open",
    help: "1 while this gateway takes events, 0 while the queue is too full",
    registers,
    collect() {
      this.set(admission.closed() ? 0 : 1);
    },
  });
  return {
    read({ counts, bytes: queued, oldestAgeMs, memory }) {
      for (const [state, count] of Object.entries(counts)) jobs.set({ state }, count);
      bytes.set(queued);
      oldestAge.set(oldestAgeMs / 1_000);
      if (memory) memoryRatio.set(memory.usedBytes / memory.limitBytes);
    },
  };
}
