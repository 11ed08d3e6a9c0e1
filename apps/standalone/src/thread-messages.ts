import type { openDatabase } from "@xtrace/db";
import type { WorkerDeps, WorkerService } from "@xtrace/worker";

/** What the worker's thread is started with: data only, as it is copied. Never logged, for the passwords in its addresses. */
export type WorkerSettings = Pick<WorkerDeps, "queue" | "batch" | "limits" | "keyRefreshMs"> & {
  readonly database: Parameters<typeof openDatabase>[0];
  readonly log: { readonly name: string; readonly level: string };
  /** The label of its metrics, which is that of the whole process. */
  readonly process: string;
};

/** What the main thread asks of the worker's: one of its checks, its metrics as text, whether it runs, or to stop. */
export type Question = keyof WorkerService["checks"] | "liveness" | "metrics" | "started" | "stop";

/** Answers may come in another order. */
export type Asked = { readonly id: number; readonly question: Question };

/** `failure` is the reason of a check that failed. */
export type Answered = { readonly id: number; readonly text: string; readonly failure?: string };
