import { INGEST_QUEUE } from "@xtrace/contract";
import { createPostgresBackend, Queue, withBackend } from "bullmq";
import postgres from "postgres";
import type { QueueCounts } from "./test-system.ts";

/** Looks into a system's queue and database from the side, as an operator would. */
export type Probes = {
  queueCounts(): Promise<QueueCounts>;
  deadLetters(): Promise<readonly string[]>;
  close(): Promise<void>;
};

export function openProbes(options: {
  readonly databaseUrl: string;
  readonly queue: { readonly url: string; readonly prefix: string };
}): Probes {
  const sql = postgres(options.databaseUrl, { max: 1, onnotice: () => {} });
  // Opened when first asked: a queue in PostgreSQL has no tables before the system has made them.
  let queue: CountedQueue | undefined;
  return {
    async queueCounts() {
      queue ??= openQueue(options.queue);
      const counts = await queue.getJobCounts("waiting", "active", "delayed", "failed");
      const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
      return { waiting, active, delayed, failed };
    },
    async deadLetters() {
      const rows = await sql<Array<{ line: string }>>`
        SELECT project_id || ' ' || coalesce(sqlstate, '-') || ' ' || error || ' ' || left(payload, 300) AS line
        FROM dead_letters ORDER BY created_at`;
      return rows.map(({ line }) => line);
    },
    async close() {
      await queue?.close();
      await sql.end({ timeout: 5 });
    },
  };
}

type CountedQueue = Pick<Queue, "getJobCounts" | "close">;

function openQueue({ url, prefix }: { url: string; prefix: string }): CountedQueue {
  if (url.startsWith("redis")) return new Queue(INGEST_QUEUE, { connection: { url }, prefix });
  const classes = withBackend(createPostgresBackend);
  const connection = { connectionString: url, schema: prefix, migrate: false, max: 1 };
  return new classes.Queue(INGEST_QUEUE, { connection });
}
