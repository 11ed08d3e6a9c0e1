import type { Salvaged, SettledCounts, WriteResult } from "@xtrace/db";
import { Counter, Histogram, type Metrics } from "@xtrace/runtime";

export type WorkerMetrics = {
  flushed(items: number, seconds: number): void;
  /** Seconds from acceptance at the gateway to commit. */
  lag(seconds: number): void;
  written(result: WriteResult): void;
  salvaged(result: Salvaged): void;
  /** A job that nobody can read, with so many events in it. */
  buried(events: number): void;
  retried(code: string): void;
  bisected(): void;
};

export function createWorkerMetrics({ registry }: Metrics): WorkerMetrics {
  const registers = [registry];
  const batchSize = new Histogram({
    name: "xtrace_batch_size",
    help: "Queue items in one batch",
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    registers,
  });
  const flushSeconds = new Histogram({
    name: "xtrace_batch_flush_duration_seconds",
    help: "From the start of a batch's transaction to its commit, retries included",
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers,
  });
  const lagSeconds = new Histogram({
    name: "xtrace_ingest_lag_seconds",
    help: "From acceptance at the gateway to commit",
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300],
    registers,
  });
  const inserted = new Counter({ name: "xtrace_rows_inserted_total", help: "New rows", registers });
  const updated = new Counter({ name: "xtrace_rows_updated_total", help: "Rows that an event changed", registers });
  const retries = new Counter({
    name: "xtrace_pg_retries_total",
    help: "Attempts at a batch that failed for the moment",
    labelNames: ["code"],
    registers,
  });
  const bisections = new Counter({
    name: "xtrace_batch_bisect_total",
    help: "Batches split to find refused data",
    registers,
  });
  const events = {
    stored: new Counter({
      name: "xtrace_ingest_events_stored_total",
      help: "Events that made a row",
      registers,
    }),
    merged: new Counter({
      name: "xtrace_ingest_events_merged_total",
      help: "Events that went into a row that was there, or had one row with others",
      registers,
    }),
    deadLettered: new Counter({
      name: "xtrace_ingest_events_dead_lettered_total",
      help: "Events that PostgreSQL or a score config refused",
      registers,
    }),
  };
  function settled({ stored, merged, deadLettered }: SettledCounts): void {
    events.stored.inc(stored);
    events.merged.inc(merged);
    events.deadLettered.inc(deadLettered);
  }
  return {
    flushed(items, seconds) {
      batchSize.observe(items);
      flushSeconds.observe(seconds);
    },
    lag: (seconds) => lagSeconds.observe(seconds),
    written(result) {
      inserted.inc(result.inserted);
      updated.inc(result.updated);
      settled(result.counts);
    },
    salvaged: ({ counts }) => settled(counts),
    buried: (lettered) => events.deadLettered.inc(lettered),
    retried: (code) => retries.inc({ code }),
    bisected: () => bisections.inc(),
  };
}
