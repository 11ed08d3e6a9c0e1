import type { PostgresQueueBackend, Queue } from "bullmq";
import type { ShardReading } from "./queue-reading.ts";

const SAMPLES = 16;

/**
 * BullMQ's job table, by its partial indexes. The sample is of the oldest and the newest that wait, and of those that run;
 * sizes are as stored, that is compressed. The connection's search path names BullMQ's schema.
 */
const READ_QUEUE = `
WITH sample AS (
  (SELECT pg_column_size(data) AS bytes FROM job WHERE queue = $1 AND state = 'waiting' ORDER BY priority, seq LIMIT $2)
  UNION ALL
  (SELECT pg_column_size(data) FROM job WHERE queue = $1 AND state = 'waiting' ORDER BY priority DESC, seq DESC LIMIT $2)
  UNION ALL
  (SELECT pg_column_size(data) FROM job WHERE queue = $1 AND state = 'active' LIMIT $2)
  UNION ALL
  (SELECT pg_column_size(data) FROM job WHERE queue = $1 AND state = 'delayed' LIMIT $2)
)
SELECT
  (SELECT count(*) FROM job WHERE queue = $1 AND state = 'waiting')::int AS waiting,
  (SELECT count(*) FROM job WHERE queue = $1 AND state = 'active')::int AS active,
  (SELECT count(*) FROM job WHERE queue = $1 AND state = 'delayed')::int AS delayed,
  (SELECT count(*) FROM job WHERE queue = $1 AND state = 'failed')::int AS failed,
  (SELECT count(*) FROM sample)::int AS sampled,
  (SELECT coalesce(sum(bytes), 0) FROM sample)::float8 AS sample_bytes,
  least(
    (SELECT added_at_ms FROM job WHERE queue = $1 AND state = 'waiting' ORDER BY priority, seq LIMIT 1),
    (SELECT min(added_at_ms) FROM job WHERE queue = $1 AND state = 'active'),
    (SELECT min(added_at_ms) FROM job WHERE queue = $1 AND state = 'delayed')
  )::float8 AS oldest_ms
`;

type Row = {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  readonly sampled: number;
  readonly sample_bytes: number;
  readonly oldest_ms: number | null;
};

export async function readPostgresQueue(queue: Queue): Promise<ShardReading> {
  // The classes of the two backends differ in the type of their connection only: see backend.ts.
  const { pool } = (queue.getBackend() as unknown as PostgresQueueBackend).connection;
  const { rows } = await pool.query<Row>(READ_QUEUE, [queue.name, SAMPLES]);
  const [row] = rows;
  if (!row) throw new Error("The queue's table gave no answer");
  const { waiting, active, delayed, failed, sampled, sample_bytes: sampleBytes, oldest_ms: oldestAtMs } = row;
  return { waiting, active, delayed, failed, sampled, sampleBytes, oldestAtMs };
}
