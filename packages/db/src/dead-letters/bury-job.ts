import { eventsOfJobId } from "@xtrace/contract";
import type { Database } from "../client.ts";
import { AlreadySettledError, settleJobs } from "../settlement/settle-jobs.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { insertDeadLetter } from "./insert-dead-letters.ts";

/**
 * Makes a job that nobody can read one dead letter, and settles it with as many events as the gateway counted
 * in it. Returns that number; 0 when an earlier delivery did it.
 */
export async function buryJob(db: Database, jobId: string, letter: DeadLetter): Promise<number> {
  const events = eventsOfJobId(jobId);
  try {
    await db.transaction(async (tx) => {
      await insertDeadLetter(tx, letter);
      if (events !== undefined) await settleJobs(tx, [jobId], { stored: 0, merged: 0, deadLettered: events });
    });
    return events ?? 1;
  } catch (error) {
    if (!(error instanceof AlreadySettledError)) throw error;
    return 0;
  }
}
