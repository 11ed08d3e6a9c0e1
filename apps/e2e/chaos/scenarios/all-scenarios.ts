import { GATEWAY_KILLS, WORKER_BLOCKED, WORKER_FROZEN, WORKER_KILLS, WORKER_STOP } from "./app-faults.ts";
import { POSTGRES_DISK_FULL, REDIS_DISK_FULL } from "./full-disks.ts";
import {
  BACKEND_KILL,
  DEADLOCK,
  DOWN_FOR_LONG,
  READ_ONLY,
  STOPPED_AT_ONCE,
  TABLE_LOCKED,
  TOO_MANY_CONNECTIONS,
} from "./postgres-faults.ts";
import {
  REDIS_AWAY_AT_START,
  REDIS_DOWN,
  REDIS_FLUSHED,
  REDIS_FROZEN,
  REDIS_FULL,
  REDIS_KILL,
} from "./redis-faults.ts";
import type { Scenario } from "./scenario.ts";
import { CUT_REQUESTS, NEWER_GATEWAY, SLOW_READERS_OF_MUCH, WRONG_CLOCK } from "./strange-peers.ts";
import { ALL_KILLED } from "./whole-machine.ts";

/** Scenarios that are tests, for they need what only the tests set up, and those that one machine cannot show. */
const ELSEWHERE: readonly NotHere[] = [
  {
    id: "F2",
    title: "gateway: SIGTERM under load behind HAProxy; 0 failed requests",
    notRun: "a test: npm test -- apps/e2e/test/scale/rolling-restart",
  },
  {
    id: "F14",
    title: "Redis: Sentinel failover, cluster slot move",
    notRun: "replication is asynchronous, so the loss depends on the network between machines, and here is one",
  },
  {
    id: "F22",
    title: "PostgreSQL: replica lags 30 s, replica down",
    notRun: "needs a replica: see apps/e2e/test/scale",
  },
  { id: "F23", title: "pgbouncer: transaction pooling", notRun: "needs pgbouncer: see apps/e2e/test/scale" },
];

/** One row of the matrix that `pnpm chaos` does not run, and why. */
export type NotHere = { readonly id: string; readonly title: string; readonly notRun: string };

/** The fault matrix, in its order. */
export const MATRIX: ReadonlyArray<Scenario | NotHere> = [
  GATEWAY_KILLS,
  WORKER_KILLS,
  WORKER_STOP,
  WORKER_FROZEN,
  WORKER_BLOCKED,
  REDIS_KILL,
  REDIS_AWAY_AT_START,
  REDIS_DOWN,
  REDIS_FULL,
  REDIS_FLUSHED,
  REDIS_FROZEN,
  REDIS_DISK_FULL,
  BACKEND_KILL,
  STOPPED_AT_ONCE,
  DOWN_FOR_LONG,
  TOO_MANY_CONNECTIONS,
  POSTGRES_DISK_FULL,
  READ_ONLY,
  TABLE_LOCKED,
  DEADLOCK,
  ALL_KILLED,
  WRONG_CLOCK,
  NEWER_GATEWAY,
  CUT_REQUESTS,
  SLOW_READERS_OF_MUCH,
  ...ELSEWHERE,
];
