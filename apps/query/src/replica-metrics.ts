import type { ReplicaState } from "@xtrace/db";
import { Counter, Gauge, type Metrics } from "@xtrace/runtime";

export function createReplicaMetrics({ registry }: Metrics) {
  const registers = [registry];
  const lag = new Gauge({
    name: "xtrace_replica_lag_seconds",
    help: "For how long the replica has lacked something that the primary has, at least; NaN if nobody knows",
    registers,
  });
  const usable = new Gauge({
    name: "xtrace_replica_usable",
    help: "1 while the replica is read from, 0 while something speaks against it",
    registers,
  });
  const reads = new Counter({
    name: "xtrace_reads_total",
    help: "Statements, by the server that answered them",
    labelNames: ["served_by"],
    registers,
  });
  const repeated = new Counter({
    name: "xtrace_replica_repeated_total",
    help: "Statements that the replica gave up and the primary repeated, by SQLSTATE or driver code",
    labelNames: ["code"],
    registers,
  });
  return {
    read: (server: "replica" | "primary") => reads.inc({ served_by: server }),
    repeated: (code: string) => repeated.inc({ code }),
    state({ fault, lagMs }: ReplicaState) {
      usable.set(fault === null ? 1 : 0);
      lag.set(lagMs === null ? Number.NaN : lagMs / 1_000);
    },
  };
}
