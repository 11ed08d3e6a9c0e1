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
  MASTER_KILLED,
  MASTER_REPLACED,
  MASTER_REPLACED_UNPAUSED,
  MASTER_VANISHED,
  SLOT_MOVED,
} from "./redis-changes.ts";
import {
  REDIS_AWAY_AT_START,
  REDIS_DOWN,
  REDIS_FLUSHED,
  REDIS_FROZEN,
  REDIS_FULL,
  REDIS_KILL,
  REDIS_SLOW,
} from "./redis-faults.ts";
import type { Scenario } from "./scenario.ts";
import { CUT_REQUESTS, NEWER_GATEWAY, SLOW_READERS_OF_MUCH, WRONG_CLOCK } from "./strange-peers.ts";
import { ALL_KILLED } from "./whole-machine.ts";

/** Rows whose system is another one than this harness boots: tests hold them to the same, and the command runs those. */
const TESTS: readonly Test[] = [
  {
    id: "F2",
    title: "gateway: SIGTERM under load behind HAProxy, as all others one by one; 0 failed requests",
    tests: "apps/e2e/test/scale/rolling-restart",
  },
  {
    id: "F22",
    title: "PostgreSQL: the replica lags, is killed, hangs; reads go to the primary and none fails",
    tests: "apps/e2e/test/scale/replica",
  },
  {
    id: "F23",
    title: "PgBouncer: transaction pooling; all that is acknowledged is stored and can be read",
    tests: "apps/e2e/test/scale/pgbouncer",
  },
];

/** A row that is a test: files whose path begins so. */
export type Test = { readonly id: string; readonly title: string; readonly tests: string };

/** The fault matrix, in its order. */
export const MATRIX: ReadonlyArray<Scenario | Test> = [
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
  REDIS_SLOW,
  REDIS_DISK_FULL,
  MASTER_KILLED,
  MASTER_VANISHED,
  MASTER_REPLACED,
  MASTER_REPLACED_UNPAUSED,
  SLOT_MOVED,
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
  ...TESTS,
];
