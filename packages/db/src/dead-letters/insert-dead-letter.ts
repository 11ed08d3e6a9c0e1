import type { IngestJob } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { deadLetters } from "../schema/dead-letters.ts";

export type DeadLetter = {
  readonly id: string;
  readonly job: IngestJob;
  readonly sqlstate: string | null;
  readonly error: string;
};

/** Keeps what PostgreSQL refused, with the reason. Once per id, so a redelivery adds nothing. */
export async function insertDeadLetter(db: Database, letter: DeadLetter): Promise<void> {
  const { id, job, sqlstate, error } = letter;
  await db
    .insert(deadLetters)
    .values({
      id,
      projectId: job.projectId,
      sqlstate,
      error,
      payload: JSON.stringify(job),
      receivedAt: sql`to_timestamp(${job.receivedAtUs / 1_000_000})`,
    })
    .onConflictDoNothing();
}
